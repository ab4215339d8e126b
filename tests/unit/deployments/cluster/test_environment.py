from pathlib import Path

import pytest
import ray

from deployments.cluster.environment import REMOVED, TUNING, node_environment, run_variables
from deployments.cluster.paths import ClusterPaths
from deployments.cluster.ports import choose_ports


@pytest.fixture
def variables(tmp_path: Path) -> tuple:  # type: ignore[type-arg]
    paths = ClusterPaths(data_dir=tmp_path, temp_dir=Path("/t"))
    return (*TUNING, *run_variables(run_id="0000aaaa-1", ports=choose_ports(), paths=paths))


def test_every_variable_has_a_reason_and_is_named_once(variables: tuple) -> None:  # type: ignore[type-arg]
    assert all(v.reason and v.value for v in variables)
    assert len({v.name for v in variables}) == len(variables)


def test_the_caller_tunes_but_cannot_redirect(variables: tuple) -> None:  # type: ignore[type-arg]
    caller = {
        "HOME": "/elsewhere",
        "RAY_ADDRESS": "10.0.0.1:6379",
        "RAY_AUTH_TOKEN": "x" * 40,
        "RAY_AUTH_MODE": "disabled",
        "RAY_SERVE_HAPROXY_STATS_PORT": "8404",
        "RAY_SERVE_ENABLE_HA_PROXY": "0",
    }
    found = node_environment(caller, variables)
    assert found["HOME"] == "/elsewhere"
    assert found["RAY_SERVE_ENABLE_HA_PROXY"] == "0"
    assert found["RAY_AUTH_MODE"] == "token"
    assert found["RAY_SERVE_HAPROXY_STATS_PORT"] != "8404"
    assert not set(REMOVED) & set(found)


def test_ray_reads_every_variable_that_is_set(variables: tuple) -> None:  # type: ignore[type-arg]
    """A renamed variable would be ignored in silence: each name must occur in Ray's own source."""
    root = Path(ray.__file__).parent
    folders = (root / "serve" / "_private", root / "_private", root / "dashboard", root / "_common" / "usage")
    source = "".join(p.read_text(encoding="utf-8") for folder in folders for p in folder.glob("*.py"))
    library = (root / "_raylet.so").read_bytes()
    ours_or_glibcs = ("GLYPHSERVE_", "MALLOC_")
    names = [v.name for v in variables if not v.name.startswith(ours_or_glibcs)]
    unknown = [n for n in names if n not in source and n.encode() not in library]
    assert unknown == []
