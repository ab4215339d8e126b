"""Model versions put into a running service's library: good ones, and ones that are broken in every way we know."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from deployments.records import ModelRecords
from deployments.rollout.library import ModelLibrary
from deployments.settings.storage import StorageSettings
from ocr_model.folder import fingerprint
from ocr_model.manifest import GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE
from ocr_model.weights import base_folder

FAULTS = ("corrupt", "truncated", "wrong hash", "wrong charset", "raising", "missing", "hanging")


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
    if place is None:
        raise ValueError("versions are broken on this machine's own disk only")
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


def renamed(folder: Path, target: Path, version: str, *, graph: bytes | None = None, **changes: object) -> Path:
    """Copy a model folder under another version's name.

    Args:
        folder: the model.
        target: the copy, made.
        version: its name.
        graph: other content of the graph's file, for which the manifest then vouches.
        changes: other fields of the manifest.
    """
    shutil.copytree(folder, target)
    path = target / MANIFEST_FILE
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"version": version, **changes}
    if graph is not None:
        (target / GRAPH_FILE).write_bytes(graph)
        manifest["files"][GRAPH_FILE] = fingerprint(target / GRAPH_FILE).model_dump()
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return target


def _folder(target: Path, version: str, fault: str | None) -> Path:
    graph = (base_folder() / GRAPH_FILE).read_bytes()
    if fault == "corrupt":
        return renamed(base_folder(), target, version, graph=b"\0" * 64 + graph[64:])
    if fault == "truncated":
        return renamed(base_folder(), target, version, graph=graph[: len(graph) // 2])
    if fault == "wrong charset":
        return renamed(base_folder(), target, version, charset="0123456789")
    if fault == "raising":
        return renamed(base_folder(), target, version, graph=_raising_graph())
    folder = renamed(base_folder(), target, version)
    if fault == "wrong hash":
        (folder / GRAPH_FILE).write_bytes(graph + b"\0")
    return folder


def _raising_graph() -> bytes:
    """A sound graph of the right input that fails whenever it is run: it asks for a shape that cannot be."""
    image = helper.make_tensor_value_info("images", TensorProto.UINT8, ["n", 48, 160, 3])
    output = helper.make_tensor_value_info("log_probs", TensorProto.UINT8, None)
    shape = helper.make_tensor("shape", TensorProto.INT64, [1], [7])
    node = helper.make_node("Reshape", ["images", "shape"], ["log_probs"])
    graph = helper.make_graph([node], "raising", [image], [output], [shape])
    model = onnx.helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return bytes(model.SerializeToString())
