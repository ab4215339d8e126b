"""A model folder is whole and unaltered, or it is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.checkpoint import load_manifest, load_network, save_checkpoint, verify
from ocr_model.errors import CheckpointError
from ocr_model.manifest import Lineage
from ocr_model.network import Recogniser
from ocr_model.reader import Reader

pytestmark = pytest.mark.slow

FILES = ("model.safetensors", "model.onnx", "manifest.json")


@pytest.fixture
def folder(model_folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(model_folder, tmp_path / "copy"))


def save(folder: Path, network: Recogniser, **changes: object) -> str:
    arguments: dict[str, Any] = {"charset": Charset("ab7"), "metrics": {}, "lineage": Lineage()} | changes
    return save_checkpoint(folder, network=network, **arguments).version


def test_what_is_saved_comes_back(model_folder: Path, network: Recogniser, noise: NDArray[np.uint8]) -> None:
    loaded, manifest = load_network(model_folder)
    assert manifest == load_manifest(model_folder) == verify(model_folder)
    assert manifest.version == "tiny-1"
    assert manifest.charset == "ab7"
    assert manifest.metrics == {"exact": 0.5}
    assert manifest.lineage == Lineage(parent="older", run="r1", steps=3, images=96, seed=7)
    assert manifest.created.tzinfo is not None
    assert not loaded.training
    images = torch.from_numpy(noise)
    assert torch.equal(loaded(images), network(images))


def test_the_default_version_names_date_and_weights(tmp_path: Path, network: Recogniser) -> None:
    version = save(tmp_path / "m", network)
    manifest = load_manifest(tmp_path / "m")
    assert version == f"base-{manifest.created:%Y%m%d}-{manifest.files['model.safetensors'].sha256[:8]}"


def test_nothing_but_the_folder_appears(tmp_path: Path, network: Recogniser) -> None:
    save(tmp_path / "deep" / "m", network)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["m"]
    files = list((tmp_path / "deep" / "m").iterdir())
    assert sorted(path.name for path in files) == sorted(FILES)
    assert len({path.stat().st_mode for path in files}) == 1


def test_versions_never_change(folder: Path, network: Recogniser) -> None:
    before = (folder / "manifest.json").read_bytes()
    with pytest.raises(CheckpointError, match="exists already"):
        save(folder, network)
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"charset": Charset("ab")}, "4 classes"),
        ({"metrics": {"exact": float("nan")}}, "metrics.exact"),
        ({"version": "../../up"}, "version"),
        ({"temperature": 0.0}, "temperature"),
    ],
)
def test_parts_that_do_not_fit_leave_nothing(
    tmp_path: Path, network: Recogniser, changes: dict[str, object], named: str
) -> None:
    with pytest.raises(CheckpointError, match=named):
        save(tmp_path / "m", network, **changes)
    assert list(tmp_path.iterdir()) == []


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


MANIFESTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "unknown format": lambda m: m.update(format=2),
    "one character more": lambda m: m.update(charset="ab7x"),
    "one character twice": lambda m: m.update(charset="abb"),
    "other sizes": lambda m: m["network"].update(hidden=16),
    "other input": lambda m: m.update(input_shape=[32, 160, 3]),
    "other columns": lambda m: m.update(time_steps=20),
    "unknown field": lambda m: m.update(pickle="yes"),
    "file outside": lambda m: m["files"].update({"../other": m["files"].pop("model.onnx")}),
    "one file unnamed": lambda m: m["files"].pop("model.onnx"),
    "no version": lambda m: m.pop("version"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_manifests_that_do_not_fit_are_refused(folder: Path, name: str) -> None:
    edit(folder, MANIFESTS[name])
    with pytest.raises(CheckpointError):
        load_network(folder)
    if name != "other sizes":
        with pytest.raises(CheckpointError):
            Reader.load(folder)


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "remove"])
def test_harm_to_any_file_is_noticed(folder: Path, file: str, harm: str) -> None:
    path = folder / file
    data = bytearray(path.read_bytes())
    if harm == "remove":
        path.unlink()
    else:
        # The manifest's own first byte, so that its JSON breaks; it has no hash but its schema.
        data[0 if file == "manifest.json" else len(data) // 2] ^= 1
        path.write_bytes({"flip": bytes(data), "cut": bytes(data[: len(data) // 2]), "empty": b""}[harm])
    with pytest.raises(CheckpointError, match=file.replace(".", r"\.")) as caught:
        verify(folder)
    assert str(folder) not in str(caught.value)
    loader = load_network if file == "model.safetensors" else Reader.load
    with pytest.raises(CheckpointError):
        loader(folder)


def test_a_missing_folder_is_a_checkpoint_error(tmp_path: Path) -> None:
    for load in (load_manifest, verify, load_network, Reader.load):
        with pytest.raises(CheckpointError, match=r"manifest\.json"):
            load(tmp_path / "none")
