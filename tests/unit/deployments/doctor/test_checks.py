"""Each check on a healthy installation, which it passes, and on one broken in its way, which it finds."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from benchmarks.own_service import free_port
from deployments.cluster.lock import exclusive
from deployments.cluster.paths import folder_key
from deployments.cluster.processes import MARKER
from deployments.doctor import configuration, devices, network, resources, software, stores
from deployments.doctor.finding import Finding, Severity
from deployments.doctor.place import Place
from deployments.doctor.registry import CHECKS, Check, examine
from deployments.records import Database
from ocr_model.weights import base_folder
from tests.support.cluster import CONFIG
from tests.unit.deployments.blobs.s3_server import S3Server
from tests.unit.deployments.records.postgresql_server import PostgresServer

MakePlace = Callable[..., Place]


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakePlace:
    """An installation of cluster.yaml's on a roomy machine, with the application's arguments given."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100 << 30))

    def make(**arguments: object) -> Place:
        config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
        config["applications"][0]["args"] = {"data_dir": str(tmp_path / "data"), "port": free_port(), **arguments}
        path = tmp_path / "cluster.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        place = Place.of(path)
        return replace(place, machine=replace(place.machine, memory_bytes=8 << 30, open_files=65_536, cores=4))

    return make


def found(check: Check, place: Place) -> Finding:
    """The one thing that a check found."""
    [finding] = check(place)
    assert finding.remedy
    return finding


def on_machine(place: Place, **facts: Any) -> Place:  # noqa: ANN401 - any fact
    return replace(place, machine=replace(place.machine, **facts))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_healthy_installation_passes(check: Check, installation: MakePlace) -> None:
    assert list(check(installation())) == []


def test_another_python_is_found(installation: MakePlace) -> None:
    assert "3.9.1" in found(software.python_version, on_machine(installation(), python=(3, 9, 1))).found


def test_another_or_no_ray_is_found(installation: MakePlace) -> None:
    place = installation()
    for version, said in (("2.59.0", "ray is 2.59.0, the package needs ==2.60.0"), (None, "ray is not installed")):
        changed = {r: version if r.name == "ray" else v for r, v in place.machine.versions.items()}
        broken = on_machine(place, versions=changed)
        assert found(software.ray_version, broken).found == said
        assert list(software.packages(broken)) == []


def test_another_package_is_found(installation: MakePlace) -> None:
    place = installation()
    changed = {r: "1.0" if r.name == "pillow" else v for r, v in place.machine.versions.items()}
    assert "pillow is 1.0" in found(software.packages, on_machine(place, versions=changed)).found


def test_altered_weights_are_found(installation: MakePlace, tmp_path: Path) -> None:
    folder = shutil.copytree(base_folder(), tmp_path / "model")
    place = installation(reading={"model_folder": str(folder)})
    assert list(software.weights(place)) == []
    graph = folder / "model.onnx"
    graph.write_bytes(graph.read_bytes()[:-1] + b"\0")
    assert "model.onnx was altered" in found(software.weights, place).found
    (folder / "manifest.json").unlink()
    assert "manifest.json" in found(software.weights, place).found


def test_a_misspelt_variable_is_found(installation: MakePlace) -> None:
    place = replace(installation(), environment={"GLYPHSERVE_PROT": "8000"})
    assert "did you mean GLYPHSERVE_PORT" in found(configuration.variables, place).found


def test_other_variables_count_although_one_is_misspelt(
    installation: MakePlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GLYPHSERVE_PROT", "8000")
    monkeypatch.setenv("GLYPHSERVE_DATA_DIR", str(tmp_path / "elsewhere"))
    assert installation().settings.data_dir == tmp_path / "elsewhere"


def test_a_wrong_setting_is_found_and_the_others_are_still_checked(installation: MakePlace) -> None:
    place = installation(limits={"examples": 0})
    assert "limits.examples" in found(configuration.cluster_file, place).found
    assert [r.check for r in examine(place) if r.severity is Severity.PROBLEM] == ["cluster file"]


def test_a_misspelt_variable_hides_no_wrong_one(installation: MakePlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLYPHSERVE_PROT", "8000")
    monkeypatch.setenv("GLYPHSERVE_ADMIN_KEYS", "no-json")
    assert "admin_keys" in found(configuration.cluster_file, installation()).found


def test_a_misspelt_key_or_no_file_is_found(installation: MakePlace, tmp_path: Path) -> None:
    place = installation()
    config = json.loads(place.config.read_text(encoding="utf-8"))
    config["applications"][0]["deployments"][0]["num_replica"] = 1
    place.config.write_text(json.dumps(config), encoding="utf-8")
    assert "did you mean num_replicas" in found(configuration.cluster_file, place).found
    assert "No such file" in found(configuration.cluster_file, Place.of(tmp_path / "none.yaml")).found


def test_a_taken_port_is_found_with_who_holds_it(installation: MakePlace) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = installation(port=taken.getsockname()[1])
        assert f"is taken by process {os.getpid()}" in found(network.port, place).found
        place.paths.prepare()
        with exclusive(place.paths.lock):  # as our own service does
            assert list(network.port(place)) == []


def test_an_address_of_another_machine_is_found(installation: MakePlace) -> None:
    assert "192.0.2.1" in found(network.port, installation(host="192.0.2.1")).found


def test_missing_and_weak_keys_are_found(installation: MakePlace) -> None:
    open_door, readable = network.keys(installation(host="0.0.0.0"))
    assert (open_door.severity, readable.severity) == (Severity.PROBLEM, Severity.ADVICE)
    weak = installation(admin_keys={"ops": "abcabcabcabcabcabc"})
    assert found(network.keys, weak).severity is Severity.PROBLEM
    assert "abcabc" not in found(network.keys, weak).found
    good = {"ops": "kX9-vT2_pLq7ZdR4wN8s"}
    assert list(network.keys(installation(host="0.0.0.0", admin_keys=good, read_keys=good))) == []


def test_a_data_folder_that_cannot_be_written_is_found(installation: MakePlace, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = installation(data_dir=str(tmp_path / "file"))
    assert "cannot be written" in found(stores.data_folder, place).found
    assert [r.check for r in examine(place) if r.severity is Severity.PROBLEM] == ["data folder"]


@pytest.mark.parametrize(("free", "severity"), [(1 << 20, Severity.PROBLEM), (2 << 30, Severity.ADVICE)])
def test_a_full_disk_is_found(
    installation: MakePlace, monkeypatch: pytest.MonkeyPatch, free: int, severity: Severity
) -> None:
    place = installation()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert found(stores.disk_space, place).severity is severity


def test_a_file_that_is_no_database_is_found(installation: MakePlace, tmp_path: Path) -> None:
    place = installation()
    (tmp_path / "data").mkdir()
    Database.open(place.settings.storage.resolved_records_url).close()
    assert list(stores.database(place)) == []
    (tmp_path / "data" / "records.db").write_bytes(b"no database at all" * 100)
    assert "not a database" in found(stores.database, place).found


def test_a_database_that_does_not_answer_is_found_and_its_password_kept(installation: MakePlace) -> None:
    place = installation(records_url=f"postgresql://user:hidden@127.0.0.1:{free_port()}/name")
    finding = found(stores.database, place)
    assert "does not answer" in finding.found
    assert "hidden" not in finding.found


@pytest.mark.slow
def test_real_stores_pass(installation: MakePlace, postgresql: PostgresServer, s3_server: S3Server) -> None:
    place = installation(records_url=postgresql.fresh_url(), blobs_uri=s3_server.fresh_uri())
    assert [*stores.database(place), *stores.blob_store(place)] == []
    missing = s3_server.fresh_uri().replace("bucket", "nobucket")
    finding = found(stores.blob_store, installation(blobs_uri=missing))
    assert "cannot be used" in finding.found
    assert "secret" not in finding.found


def test_processes_of_a_killed_run_are_found(installation: MakePlace, tmp_path: Path) -> None:
    place = installation()
    environment = {MARKER: f"{folder_key(place.paths.data_dir)}-0"}
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=environment)
    try:
        finding = found(stores.leftovers, place)
        assert str(process.pid) in finding.found
        assert "glyphserve down" in finding.remedy
    finally:
        process.communicate(b"\n")


@pytest.mark.parametrize(
    ("check", "facts", "said"),
    [
        (resources.shared_memory, {"shared_memory_bytes": 64 << 20}, "64 MiB"),
        (resources.memory, {"memory_bytes": 1 << 30}, "1024 MiB"),
        (resources.open_files, {"open_files": 1024}, "1024 files"),
        (resources.threads, {"cores": 1}, "2 recognizer replicas of 1 threads share 1 cores"),
    ],
)
def test_a_small_machine_is_found(installation: MakePlace, check: Check, facts: dict[str, int], said: str) -> None:
    finding = found(check, on_machine(installation(), **facts))
    assert finding.severity is Severity.ADVICE
    assert said in finding.found


def test_more_threads_than_cores_are_found(installation: MakePlace) -> None:
    place = replace(installation(), environment={"OMP_NUM_THREADS": "64"})
    assert "OMP_NUM_THREADS is 64, there are 4 cores" in found(resources.threads, place).found


def test_no_room_for_training_is_found(installation: MakePlace) -> None:
    place = installation(training={"workers": 8})
    assert "a retrain 4" in found(resources.room_for_training, place).found
    assert list(resources.room_for_training(installation(training={"workers": 8, "enabled": False}))) == []


def test_a_check_that_breaks_is_itself_a_finding(installation: MakePlace) -> None:
    def broken(place: Place) -> Iterator[Finding]:
        """Breaks."""
        raise ZeroDivisionError("by nothing")

    [result] = examine(installation(), [broken])
    assert "ZeroDivisionError" in result.findings[0].found


def with_gpus(place: Place, gpus: float) -> Place:
    (application,) = place.applications
    deployments = [
        {**d, "ray_actor_options": {"num_gpus": gpus}} if d["name"] == "Recognizer" else d
        for d in application["deployments"]
    ]
    return replace(place, applications=[{**application, "deployments": deployments}])


def test_a_gpu_that_cannot_be_read_on_is_found(installation: MakePlace) -> None:
    place = installation(reading={"device": "cuda"})
    without_package = on_machine(with_gpus(place, 1), reads_on_cuda=False)
    assert "install onnxruntime-gpu" in found(devices.gpus, without_package).remedy
    assert "set num_gpus" in found(devices.gpus, on_machine(place, reads_on_cuda=True)).remedy
    assert list(devices.gpus(on_machine(with_gpus(place, 0.5), reads_on_cuda=True))) == []


def test_a_gpu_that_is_reserved_for_nothing_is_found(installation: MakePlace) -> None:
    finding = found(devices.gpus, with_gpus(installation(), 1))
    assert (finding.severity, finding.found) == (
        Severity.ADVICE,
        "each recognizer reserves 1 GPU and reads on the CPU",
    )


def test_a_torch_without_cuda_is_found_where_retrains_are_to_use_a_gpu(installation: MakePlace) -> None:
    place = installation(training={"gpus_per_worker": 1})
    torch = Requirement("torch")
    assert "no CUDA" in found(devices.gpus, on_machine(place, versions={torch: "2.12.0+cpu"})).found
    assert list(devices.gpus(on_machine(place, versions={torch: "2.12.0"}))) == []
