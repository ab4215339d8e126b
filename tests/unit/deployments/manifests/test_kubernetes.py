"""The manifests for Kubernetes: whatever has a schema is held to it. RayService itself has none that installs by pip:
its pod templates are checked as pods, its Serve config as ours."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from deployments.cluster.environment import TUNING
from deployments.settings.config_file import load
from deployments.settings.resolve import resolve_settings
from tests.support.cluster import REPOSITORY

KUBERNETES = "1.33"
FOLDER = REPOSITORY / "kubernetes"
LOCAL = {
    # Only a node of ours on one machine: HAProxy is near, nothing is drained for load balancers, the head is trimmed,
    # and the token is KubeRay's business (authOptions).
    "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S",
    "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER",
    "RAY_START_HOOK",
    "RAY_AUTH_MODE",
    # Asking another replica is for reading alone, which the proxy program that `up` puts before HAProxy sees to.
    "RAY_SERVE_HAPROXY_RETRY_ON",
    "RAY_SERVE_HAPROXY_TUNE_BUFSIZE",
}


def documents() -> list[dict[str, Any]]:
    return [d for path in sorted(FOLDER.glob("*.yaml")) for d in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def the(kind: str) -> dict[str, Any]:
    [found] = [document for document in documents() if document["kind"] == kind]
    return found


@pytest.fixture
def cluster() -> dict[str, Any]:
    config: dict[str, Any] = the("RayService")["spec"]["rayClusterConfig"]
    return config


def groups(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    return [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]


def test_every_document_of_kubernetes_own_kinds_is_valid() -> None:
    own = [document for document in documents() if not document["apiVersion"].startswith("ray.io/")]
    assert len(own) >= 3
    for document in own:
        kubernetes_validate.validate(document, KUBERNETES, strict=True)


def test_the_pods_are_valid_and_run_as_nobody_special(cluster: dict[str, Any]) -> None:
    for group in groups(cluster):
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Pod", **group["template"]}, KUBERNETES, strict=True)
        assert group["template"]["spec"]["securityContext"]["runAsNonRoot"] is True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            {"apiVersion": "v1", "kind": "Pod", "spec": {"container": []}}, KUBERNETES, strict=True
        )


def test_the_serve_config_passes_our_own_checks(tmp_path: Path) -> None:
    path = tmp_path / "cluster.yaml"
    path.write_text(the("RayService")["spec"]["serveConfigV2"], encoding="utf-8")
    deployments = load(path).serve_config["applications"][0]["deployments"]
    shipped = load(REPOSITORY / "cluster.yaml").serve_config["applications"][0]["deployments"]
    assert [d["name"] for d in deployments] == [d["name"] for d in shipped]


def test_the_workers_have_room_for_every_replica_at_its_least(cluster: dict[str, Any]) -> None:
    serve = yaml.safe_load(the("RayService")["spec"]["serveConfigV2"])
    need = sum(
        d.get("num_replicas", d.get("autoscaling_config", {}).get("min_replicas", 1))
        * d["ray_actor_options"]["num_cpus"]
        for d in serve["applications"][0]["deployments"]
    )
    [readers] = cluster["workerGroupSpecs"]
    [container] = readers["template"]["spec"]["containers"]
    assert need <= readers["minReplicas"] * int(container["resources"]["requests"]["cpu"])


def test_the_environment_is_that_of_up() -> None:
    given = the("ConfigMap")["data"]
    ours = {variable.name: variable.value for variable in TUNING if variable.name not in LOCAL}
    assert {name: value for name, value in given.items() if not name.startswith("GLYPHSERVE_")} == ours


def test_the_settings_are_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**the("ConfigMap")["data"], **the("Secret")["stringData"]}.items():
        if name.startswith("GLYPHSERVE_"):
            monkeypatch.setenv(name, value)
    settings = resolve_settings({})
    assert not settings.loopback_only
    assert settings.admin_keys


def test_the_release_of_ray_is_the_one_that_is_pinned(cluster: dict[str, Any]) -> None:
    pins = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert f"ray=={cluster['rayVersion']}" in pins
