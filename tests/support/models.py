"""Model versions put into a running service's library, good ones and broken ones."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from deployments.records import ModelRecords
from deployments.rollout.library import ModelLibrary
from deployments.settings.storage import StorageSettings
from ocr_model.manifest import GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE
from ocr_model.weights import base_folder
from tests.support.tiny_model import renamed

FAULTS = ("corrupt", "truncated", "wrong hash", "wrong charset", "missing", "hanging")


@contextmanager
def library_of(data_dir: Path) -> Iterator[ModelLibrary]:
    """The library of a service whose stores are in a folder of this machine."""
    library = ModelLibrary.open(StorageSettings(data_dir=data_dir))
    try:
        yield library
    finally:
        library.close()


def add_version(library: ModelLibrary, version: str, *, fault: str | None = None) -> str:
    """Register a copy of the shipped model under another name, with or without a fault; the name."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = _folder(Path(scratch) / "model", version, fault)
        for path in (folder / name for name in (WEIGHTS_FILE, GRAPH_FILE, MANIFEST_FILE)):
            library.blobs.put(f"models/{version}/{path.name}", path.read_bytes())
    place = library.blobs.local_path(f"models/{version}")
    assert place is not None
    if fault == "missing":
        (place / GRAPH_FILE).unlink()
    if fault == "hanging":
        # Whoever opens it to read waits for a writer that never comes.
        (place / GRAPH_FILE).unlink()
        os.mkfifo(place / GRAPH_FILE)
    shipped = library.row(library.pointer().version)
    with library.database.writing() as connection:
        ModelRecords(connection).insert(replace(shipped, version=version, key=f"models/{version}"))
    return version


def _folder(target: Path, version: str, fault: str | None) -> Path:
    graph = (base_folder() / GRAPH_FILE).read_bytes()
    if fault == "corrupt":
        return renamed(base_folder(), target, version, graph=b"\0" * 64 + graph[64:])
    if fault == "truncated":
        return renamed(base_folder(), target, version, graph=graph[: len(graph) // 2])
    if fault == "wrong charset":
        return renamed(base_folder(), target, version, charset="0123456789")
    folder = renamed(base_folder(), target, version)
    if fault == "wrong hash":
        (folder / GRAPH_FILE).write_bytes(graph + b"\0")
    return folder
