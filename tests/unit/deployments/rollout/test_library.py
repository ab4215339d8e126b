from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.versions import renamed
from deployments.errors import NotReadyError, RequestError
from deployments.records import DatasetRecords, ModelRecords, ModelRow, RetrainRecords, ServingRecords
from deployments.rollout.library import ModelLibrary
from deployments.settings.storage import StorageSettings
from ocr_model.errors import CheckpointError
from ocr_model.manifest import GRAPH_FILE
from tests.support.images import png
from tests.unit.deployments.blobs.s3_server import S3Server
from tests.unit.deployments.records.examples import NOW, dataset, retrain


def test_before_anything_is_registered_nobody_is_ready(library: ModelLibrary) -> None:
    with pytest.raises(NotReadyError):
        library.pointer()


def test_the_shipped_model_is_registered_once_and_served(library: ModelLibrary, first: Path) -> None:
    pointer = library.register_shipped(first)
    assert (pointer.generation, pointer.version) == (1, "base-1")
    assert library.register_shipped(first) == pointer
    reader = library.load("base-1")
    assert reader.version == "base-1"
    assert reader.read([png("7")])


def test_a_newer_package_takes_the_place_of_its_predecessor(library: ModelLibrary, first: Path, second: Path) -> None:
    library.register_shipped(first)
    pointer = library.register_shipped(second)
    assert (pointer.generation, pointer.version) == (2, "base-2")
    assert library.load("base-1").version == "base-1"  # still there to go back to


def test_who_went_back_to_an_older_shipped_model_stays_there(library: ModelLibrary, first: Path, second: Path) -> None:
    library.register_shipped(first)
    library.register_shipped(second)
    with library.database.writing() as connection:
        back = ServingRecords(connection).advance("base-1", reason="gone back", at=NOW)
    assert library.register_shipped(second).generation == back.generation


def test_a_newer_package_never_takes_the_place_of_a_retrained_model(
    library: ModelLibrary, first: Path, second: Path
) -> None:
    library.register_shipped(first)
    serve_retrained(library, "tuned-1")
    pointer = library.register_shipped(second)
    assert pointer.version == "tuned-1"
    assert library.row("base-2").retrain_id is None  # known all the same


def serve_retrained(library: ModelLibrary, version: str) -> None:
    examples = dataset()
    job = retrain(examples.id)
    row = replace(library.row("base-1"), version=version, retrain_id=job.id)
    with library.database.writing() as connection:
        DatasetRecords(connection).insert(examples)
        RetrainRecords(connection).insert(job)
        ModelRecords(connection).insert(row)
        ServingRecords(connection).advance(version, reason="test", at=NOW)


def test_a_version_nobody_knows_is_not_found(library: ModelLibrary) -> None:
    with pytest.raises(RequestError, match="not found"):
        library.load("base-9")


def test_a_folder_that_holds_another_version_is_refused(library: ModelLibrary, first: Path) -> None:
    library.register_shipped(first)
    with library.database.writing() as connection:
        ModelRecords(connection).insert(replace(library.row("base-1"), version="imposter"))
    with pytest.raises(CheckpointError, match="holds base-1"):
        library.load("imposter")


@pytest.mark.parametrize("damage", [b"", b"\0" * 100])
def test_an_altered_graph_is_refused(library: ModelLibrary, first: Path, damage: bytes) -> None:
    library.register_shipped(first)
    key = library.row("base-1").key
    graph = library.blobs.get(f"{key}/{GRAPH_FILE}")
    library.blobs.put(f"{key}/{GRAPH_FILE}", graph[: len(graph) // 2] + damage)
    with pytest.raises(CheckpointError, match="altered"):
        library.load("base-1")


def test_a_damaged_shipped_model_is_not_registered(library: ModelLibrary, first: Path, tmp_path: Path) -> None:
    damaged = renamed(first, tmp_path / "damaged", "base-3")
    (damaged / GRAPH_FILE).write_bytes(b"not what the manifest says")
    with pytest.raises(CheckpointError):
        library.register_shipped(damaged)
    with pytest.raises(RequestError):
        library.row("base-3")


def test_a_version_with_capitals_has_a_folder_too(library: ModelLibrary, first: Path, tmp_path: Path) -> None:
    library.register_shipped(renamed(first, tmp_path / "other", "Base_1.X"))
    assert library.load("Base_1.X").version == "Base_1.X"


@pytest.mark.slow
def test_models_in_an_object_store_are_copied_once(
    tmp_path: Path, first: Path, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModelLibrary.open(StorageSettings(data_dir=tmp_path, blobs_uri=s3_server.fresh_uri()))
    try:
        library.register_shipped(first)
        assert library.load("base-1").version == "base-1"
        row: ModelRow = library.row("base-1")
        monkeypatch.setattr(library.blobs, "get", None)  # whoever fetches again fails
        assert library.folder(row).is_relative_to(tmp_path / "model-cache")
        assert library.load("base-1").version == "base-1"
    finally:
        library.close()
