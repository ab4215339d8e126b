"""The shipped model under a second name, so that there is something to swap to."""

import json
from dataclasses import replace
from pathlib import Path

from deployments.records import ModelRecords
from deployments.rollout.library import ModelLibrary
from deployments.settings.storage import StorageSettings
from ocr_model.manifest import GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE
from ocr_model.weights import base_folder


def add_second_version(data_dir: Path, version: str = "second") -> tuple[str, str]:
    """Register it in a service's library, once; the name of what serves now, and the second name."""
    library = ModelLibrary.open(StorageSettings(data_dir=data_dir))
    try:
        serving = library.pointer().version
        with library.database.reading() as connection:
            if ModelRecords(connection).get(version) is not None:
                return serving, version
        manifest = json.loads((base_folder() / MANIFEST_FILE).read_text(encoding="utf-8")) | {"version": version}
        key = f"models/{version}"
        for name in (WEIGHTS_FILE, GRAPH_FILE):
            library.blobs.put(f"{key}/{name}", (base_folder() / name).read_bytes())
        library.blobs.put(f"{key}/{MANIFEST_FILE}", json.dumps(manifest).encode())
        with library.database.writing() as connection:
            ModelRecords(connection).insert(replace(library.row(serving), version=version, key=key))
        return serving, version
    finally:
        library.close()
