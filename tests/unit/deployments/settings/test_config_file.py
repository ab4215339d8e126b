from pathlib import Path
from typing import Any

import pytest
import yaml

from deployments.errors import ConfigError
from deployments.settings.config_file import load
from ocr_model.device import Device

SHIPPED = Path(__file__).parents[4] / "cluster.yaml"


def write(folder: Path, change: dict[str, Any]) -> Path:
    """cluster.yaml with one nested value changed: {"applications.0.deployments.1.name": value}."""
    config = yaml.safe_load(SHIPPED.read_text())
    for path, value in change.items():
        *parents, last = path.split(".")
        place = config
        for key in parents:
            place = place[int(key) if key.isdecimal() else key]
        place[last] = value
    file = folder / "cluster.yaml"
    file.write_text(yaml.safe_dump(config))
    return file


def test_the_shipped_file_is_valid() -> None:
    config = load(SHIPPED)
    assert config.serve_config["http_options"]["port"] == config.settings.port == 8000
    assert {d["name"] for d in config.serve_config["applications"][0]["deployments"]} == {
        "Ingress",
        "Recognizer",
        "Retrainer",
    }


def test_http_options_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_PORT", "8123")
    assert load(SHIPPED).serve_config["http_options"]["port"] == 8123


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"proxy_locatoin": "EveryNode"}, "unknown key proxy_locatoin; did you mean proxy_location"),
        (
            {"applications.0.deployments.1.max_ongoing_request": 3},
            r"deployments\[1\].max_ongoing_request; did you mean max_ongoing_requests",
        ),
        (
            {"applications.0.deployments.1.autoscaling_config.max_replica": 3},
            "autoscaling_config.max_replica; did you mean max_replicas",
        ),
        ({"applications.0.deployments.0.ray_actor_options.num_cpu": 1}, "num_cpu; did you mean num_cpus"),
        ({"http_options.prot": 3}, "http_options.prot; did you mean port"),
        ({"applications.0.args.prot": 3}, "prot"),
        ({"applications.0.deployments.1.max_ongoing_requests": -3}, "max_ongoing_requests"),
        ({"applications.0.name": "other"}, "exactly one application named 'glyphserve'"),
        ({"applications": "no list"}, "applications"),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(write(tmp_path, change))


def test_gpus_of_the_recognizer_reach_serve(tmp_path: Path) -> None:
    change = {
        "applications.0.deployments.1.ray_actor_options.num_gpus": 0.5,
        "applications.0.args.reading": {"device": "cuda"},
    }
    config = load(write(tmp_path, change))
    assert config.settings.reading.device is Device.CUDA
    assert config.serve_config["applications"][0]["deployments"][1]["ray_actor_options"]["num_gpus"] == 0.5


def test_runtime_env_is_free_form(tmp_path: Path) -> None:
    load(write(tmp_path, {"applications.0.runtime_env": {"env_vars": {"ANY": "thing"}}}))


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [", "\x00"])
def test_what_is_no_config_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "cluster.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError):
        load(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load(tmp_path / "nowhere.yaml")
