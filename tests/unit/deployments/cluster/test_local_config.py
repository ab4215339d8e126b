import os
from pathlib import Path

import pytest

from deployments.cluster.local_config import cpus_for, read_local_config
from deployments.errors import ConfigError

REPOSITORY = Path(__file__).parents[4]


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("GLYPHSERVE_")]:
        monkeypatch.delenv(name)


def test_our_own_config_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_PORT", "8123")
    found = read_local_config(REPOSITORY / "cluster.yaml")
    assert (found.settings.host, found.settings.port) == ("127.0.0.1", 8123)
    assert found.cpus >= 1
    assert found.path.is_absolute()


def test_an_application_that_needs_more_than_the_machine_has_still_starts() -> None:
    cores = len(os.sched_getaffinity(0))
    greedy = {"num_replicas": cores + 2, "ray_actor_options": {"num_cpus": 1.5}}
    scaled = {"autoscaling_config": {"min_replicas": 2, "max_replicas": 99}, "ray_actor_options": {"num_cpus": 0.25}}
    assert cpus_for([{"deployments": [scaled]}]) == cores
    assert cpus_for([{"deployments": [greedy, scaled]}]) == -(-((cores + 2) * 3 + 1) // 2)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"cluster.yaml: No such file or directory; name the file with --config"),
        ("a: [", r"cluster.yaml is not YAML: "),
        ("- 1", r"cluster.yaml must be a map with a list 'applications'"),
        ("applications: {}", r"cluster.yaml must be a map with a list 'applications'"),
        ("applications: [{args: {port: 0}}]", r"port: Input should be greater than or equal to 1"),
        ("applications: [{args: {prot: 1}}]", r"prot: "),
    ],
)
def test_a_bad_config_is_one_line(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "cluster.yaml"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=message) as caught:
        read_local_config(path)
    assert "\n" not in str(caught.value)
