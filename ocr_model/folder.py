"""Model folders: reading and checking them, and making them appear whole. Knows no torch."""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from ocr_model.errors import CheckpointError
from ocr_model.manifest import MANIFEST_FILE, FileDigest, Manifest
from ocr_model.network_config import TIME_STEPS
from ocr_model.normalise import INPUT

_MAX_MANIFEST_BYTES = 1 << 20


def fingerprint(path: Path) -> FileDigest:
    """Measure and hash a file.

    Raises:
        CheckpointError: it is missing, unreadable or empty.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
    except OSError as e:
        raise CheckpointError(f"The model folder's {path.name} is missing or cannot be read.") from e
    if size == 0:
        raise CheckpointError(f"The model folder's {path.name} is empty.")
    return FileDigest(sha256=digest, bytes=size)


def load_manifest(folder: Path) -> Manifest:
    """Read and validate a folder's manifest; the files beside it are not looked at.

    Raises:
        CheckpointError: it is missing, malformed, of another format, or of another input.
    """
    try:
        text = (folder / MANIFEST_FILE).read_bytes()[:_MAX_MANIFEST_BYTES]
    except OSError as e:
        raise CheckpointError(f"The model folder has no readable {MANIFEST_FILE}.") from e
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as e:
        where = ".".join(map(str, e.errors()[0]["loc"])) or "its syntax"
        raise CheckpointError(f"The model folder's {MANIFEST_FILE} is not valid ({where}).") from e
    if manifest.input_shape != INPUT.shape or manifest.time_steps != TIME_STEPS:
        raise CheckpointError(
            f"The model {manifest.version} expects inputs of {manifest.input_shape}; this program makes {INPUT.shape}."
        )
    return manifest


def read_verified(folder: Path, manifest: Manifest, name: str) -> bytes:
    """Read one file, and compare what was read with what the manifest says of it.

    Args:
        folder: the model folder.
        manifest: its manifest.
        name: a name among ``manifest.files``.

    Raises:
        CheckpointError: the file is missing or altered.
    """
    try:
        data = (folder / name).read_bytes()
    except OSError as e:
        raise CheckpointError(f"The model folder's {name} is missing or cannot be read.") from e
    told = {str(key): value for key, value in manifest.files.items()}[name]
    if hashlib.sha256(data).hexdigest() != told.sha256 or len(data) != told.bytes:
        raise CheckpointError(f"The model folder's {name} was altered: its SHA-256 is not the manifest's.")
    return data


def verify(folder: Path) -> Manifest:
    """Check a whole folder: its manifest, and every file against it.

    Raises:
        CheckpointError: anything is missing, altered or malformed.
    """
    manifest = load_manifest(folder)
    for name in manifest.files:
        read_verified(folder, manifest, name)
    return manifest


@contextmanager
def appearing_whole(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes ``folder``, synced to disk, if the block succeeds.

    Raises:
        CheckpointError: ``folder`` exists already (versions are immutable) or cannot be written.
    """
    if folder.exists():
        raise CheckpointError(f"The model folder {folder.name} exists already; versions never change.")
    temporary = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    try:
        temporary.mkdir(parents=True)
        yield temporary
        for path in (*temporary.iterdir(), temporary):
            _sync(path)
        temporary.rename(folder)
        _sync(folder.parent)
    except OSError as e:
        raise CheckpointError(f"The model folder {folder.name} could not be written.") from e
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
