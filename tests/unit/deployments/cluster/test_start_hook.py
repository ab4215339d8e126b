from pathlib import Path
from types import SimpleNamespace

import pytest
import ray
from ray._private import ray_constants, services
from ray._private.parameter import RayParams

from deployments.cluster.start_hook import DASHBOARD_MODULES, trim_head_node


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
    assert commands == [["dashboard", "--modules-to-load=JobHead,ServeHead"], ["raylet"]]


def test_a_worker_node_is_left_as_it_is(commands: list[list[str]]) -> None:
    parameters = RayParams(ray_client_server_port=10_001)
    trim_head_node(parameters, head=False)
    services.start_ray_process(["x"], ray_constants.PROCESS_TYPE_DASHBOARD, fate_share=False)
    assert (parameters.ray_client_server_port, commands) == (10_001, [["x"]])


def test_the_dashboard_still_has_the_modules() -> None:
    folder = Path(ray.__file__).parent / "dashboard" / "modules"
    source = "".join(p.read_text(encoding="utf-8") for p in folder.glob("*/*_head.py"))
    assert all(f"class {name}(SubprocessModule)" in source for name in DASHBOARD_MODULES)
