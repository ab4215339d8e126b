"""Every model version: registered in the records, kept in the blobs, loaded from this machine's disk."""

import hashlib
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from deployments.blobs import BlobStore
from deployments.errors import NotReadyError, RequestError
from deployments.records import Database, ModelRecords, ModelRow, ServingRecords, ServingRow
from deployments.settings.storage import StorageSettings
from deployments.status import Status
from ocr_model.device import Device
from ocr_model.doubt import AGAIN_BELOW
from ocr_model.errors import CheckpointError
from ocr_model.folder import appearing_whole, load_manifest, verify
from ocr_model.manifest import GRAPH_FILE, MANIFEST_FILE, WEIGHTS_FILE
from ocr_model.reader import Reader

logger = logging.getLogger(__name__)

MODELS = "models"
"""The blob folder of models that came with the package; a retrain's candidate stays in its own folder."""

_CACHE = "model-cache"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9._-]*")


class ModelLibrary:
    """Model versions by name. Safe to use from threads and from any number of processes.

    Args:
        database: the records.
        blobs: where model folders lie.
        cache: folder for copies of versions whose blobs are not on this machine.
    """

    def __init__(self, database: Database, blobs: BlobStore, *, cache: Path) -> None:
        self.database = database
        self.blobs = blobs
        self._cache = cache

    @classmethod
    def open(cls, settings: StorageSettings) -> Self:
        """Open records and blobs. Blocks.

        Raises:
            StorageError: one of them cannot be reached.
        """
        blobs = BlobStore.open(settings.resolved_blobs_uri)
        database = Database.open(settings.resolved_records_url, timeout_s=settings.database_timeout_s)
        return cls(database, blobs, cache=settings.data_dir.absolute() / _CACHE)

    def register_shipped(self, folder: Path) -> ServingRow:
        """Make the model of ``folder`` known, and serve it unless a retrained one is being served.

        A newer package brings a newer model: it takes the place of its predecessor, never that of a
        model which learnt from this service's own images.

        Returns:
            The serving pointer.

        Raises:
            CheckpointError: the folder is missing or altered.
            StorageError: it cannot be stored.
        """
        manifest = load_manifest(folder)
        version = manifest.version
        with self.database.reading() as connection:
            known = ModelRecords(connection).get(version) is not None
        if not known:
            verify(folder)
            key = f"{MODELS}/{_folder_name(version)}"
            # The manifest last: a folder without it is no model.
            for name in (WEIGHTS_FILE, GRAPH_FILE, MANIFEST_FILE):
                self.blobs.put(f"{key}/{name}", (folder / name).read_bytes())
            row = ModelRow(
                version=version,
                created_at=manifest.created,
                parent=manifest.lineage.parent,
                retrain_id=None,
                key=key,
                metrics=manifest.metrics,
            )
            self._serve_if_new(row)
        return self.pointer()

    def _serve_if_new(self, row: ModelRow) -> None:
        """Register a shipped model; whoever does so first also serves it, unless a retrained one is served.

        Both in one transaction and once for each version: who went back to an older shipped model
        finds it served after every restart too.
        """
        with self.database.writing() as connection:
            models, serving = ModelRecords(connection), ServingRecords(connection)
            if not models.insert(row):
                return
            current = serving.current()
            served = None if current is None else models.get(current.version)
            if served is None or served.retrain_id is None:
                serving.advance(row.version, reason="shipped with the package", at=datetime.now(UTC))

    def pointer(self) -> ServingRow:
        """Which version is to be served.

        Raises:
            StorageError: the records cannot be read.
            NotReadyError: no model was ever registered.
        """
        with self.database.reading() as connection:
            row = ServingRecords(connection).current()
        if row is None:
            raise NotReadyError("no model is registered yet", 1)
        return row

    def row(self, version: str) -> ModelRow:
        """What is known of a version.

        Raises:
            RequestError: there is none of this name.
        """
        with self.database.reading() as connection:
            row = ModelRecords(connection).get(version)
        if row is None:
            raise RequestError(Status.NOT_FOUND, "no model has this version")
        return row

    def load(
        self, version: str, *, threads: int = 1, device: Device = Device.CPU, again_below: float = AGAIN_BELOW
    ) -> Reader:
        """Load and warm a version; the options are those of `Reader.load`.

        Raises:
            RequestError: there is none of this name.
            StorageError: its files cannot be fetched.
            CheckpointError: its files are missing, altered, or another version's.
            DeviceError: it cannot run on that device.
        """
        folder = self.folder(self.row(version))
        reader = Reader.load(folder, threads=threads, device=device, again_below=again_below)
        if reader.version != version:
            raise CheckpointError(f"The folder of model {version} holds {reader.version}.")
        return reader

    def folder(self, row: ModelRow) -> Path:
        """The folder of a version on this machine: the blobs' own, or a copy of graph and manifest.

        Raises:
            StorageError: its files cannot be fetched.
        """
        local = self.blobs.local_path(row.key)
        if local is not None:
            return local
        copy = self._cache / _folder_name(row.version)
        if not copy.exists():
            files = {name: self.blobs.get(f"{row.key}/{name}") for name in (GRAPH_FILE, MANIFEST_FILE)}
            try:
                with appearing_whole(copy) as temporary:
                    for name, data in files.items():
                        (temporary / name).write_bytes(data)
            except CheckpointError:
                # Another replica of this machine was faster; or the disk is full, which the reader will tell.
                logger.info("model not copied", extra={"model_version": row.version}, exc_info=True)
        return copy

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def _folder_name(version: str) -> str:
    """A version as a blob key's part, which knows no capitals."""
    if _PLAIN.fullmatch(version):
        return version
    return f"version-{hashlib.sha256(version.encode()).hexdigest()[:32]}"
