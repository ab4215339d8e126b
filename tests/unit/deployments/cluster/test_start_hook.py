import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
import ray
from ray._private import ray_constants, services
from ray._private.node import Node
from ray._private.parameter import RayParams

from deployments.cluster.start_hook import DASHBOARD_MODULES, trim_head_node


@pytest.fixture(autouse=True)
def node_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook replaces methods for the rest of its process: undo that after each test."""
    for name in ("start_api_server", "start_ray_processes"):
        monkeypatch.setattr(Node, name, getattr(Node, name))


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What Ray would have started."""
    found: list[list[str]] = []

    def record(command: list[str], process_type: str, fate_share: bool) -> SimpleNamespace:
        found.append(command)
        return SimpleNamespace(process=None)

    monkeypatch.setattr(services, "start_ray_process", record)
    return found


def test_a_head_node_starts_without_what_nothing_uses(commands: list[list[str]]) -> None:
    parameters = RayParams(ray_client_server_port=10_001)
    trim_head_node(parameters, head=True)
    left_out: tuple[object, ...] = (
        parameters.ray_client_server_port,
        parameters.no_monitor,
        parameters.include_log_monitor,
    )
    assert left_out == (None, True, False)
    services.start_ray_process(["dashboard"], ray_constants.PROCESS_TYPE_DASHBOARD, fate_share=False)
    services.start_ray_process(["raylet"], ray_constants.PROCESS_TYPE_RAYLET, fate_share=False)
    assert commands == [["dashboard", "--modules-to-load=JobHead,NodeHead,ServeHead"], ["raylet"]]


def test_the_dashboard_starts_beside_the_raylet(monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]) -> None:
    raylet_is_up = threading.Event()

    def start_dashboard(node: Node, *, include_dashboard: bool, raise_on_failure: bool) -> None:
        assert include_dashboard
        assert raylet_is_up.wait(10)

    monkeypatch.setattr(Node, "start_api_server", start_dashboard)
    monkeypatch.setattr(Node, "start_ray_processes", lambda _: raylet_is_up.set())
    trim_head_node(RayParams(), head=True)
    node = object.__new__(Node)
    node.start_api_server(include_dashboard=True, raise_on_failure=True)
    node.start_ray_processes()  # type: ignore[no-untyped-call]


def test_a_dashboard_that_fails_fails_the_start(monkeypatch: pytest.MonkeyPatch, commands: list[list[str]]) -> None:
    def fail(node: Node, **options: bool) -> None:
        raise ValueError("the dashboard's port is taken")

    monkeypatch.setattr(Node, "start_api_server", fail)
    monkeypatch.setattr(Node, "start_ray_processes", lambda _: None)
    trim_head_node(RayParams(), head=True)
    node = object.__new__(Node)
    node.start_api_server(include_dashboard=True, raise_on_failure=True)
    with pytest.raises(ValueError, match="port is taken"):
        node.start_ray_processes()  # type: ignore[no-untyped-call]


def test_a_worker_node_is_left_as_it_is(commands: list[list[str]]) -> None:
    parameters = RayParams(ray_client_server_port=10_001)
    trim_head_node(parameters, head=False)
    services.start_ray_process(["x"], ray_constants.PROCESS_TYPE_DASHBOARD, fate_share=False)
    assert (parameters.ray_client_server_port, commands) == (10_001, [["x"]])


def test_the_dashboard_still_has_the_modules() -> None:
    folder = Path(ray.__file__).parent / "dashboard" / "modules"
    source = "".join(p.read_text(encoding="utf-8") for p in folder.glob("*/*_head.py"))
    assert all(f"class {name}(SubprocessModule)" in source for name in DASHBOARD_MODULES)
