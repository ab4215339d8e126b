"""The 8-bit graph reads as the float one, on every CPU, and is the same whenever it is made."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.checkpoint import load_manifest, save_checkpoint
from ocr_model.errors import CheckpointError
from ocr_model.manifest import Lineage, Manifest
from ocr_model.network import Recogniser
from ocr_model.reader import Reader

pytestmark = pytest.mark.slow


def save(folder: Path, network: Recogniser, images: NDArray[Any]) -> Manifest:
    return save_checkpoint(
        folder, network=network, charset=Charset("ab7"), metrics={}, lineage=Lineage(), calibration=images
    )


@pytest.fixture(scope="module")
def images() -> NDArray[np.uint8]:
    """Pictures of coarse blocks, which move the tiny network's activations more than noise does."""
    blocks = np.random.default_rng(5).integers(0, 256, (40, 6, 20, 3), dtype=np.uint8)
    return blocks.repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, network: Recogniser, images: NDArray[np.uint8]) -> Path:
    folder = tmp_path_factory.mktemp("models") / "int8"
    save(folder, network, images[:32])
    return folder


def test_it_reads_as_the_float_graph(folder: Path, model_folder: Path, images: NDArray[np.uint8]) -> None:
    unseen = images[32:]
    rounded, exact = (Reader.load(each)._session.run(unseen).columns for each in (folder, model_folder))
    assert not np.array_equal(rounded, exact)
    assert np.abs(np.exp(rounded) - np.exp(exact)).mean() < 0.02
    assert (rounded.argmax(axis=2) == exact.argmax(axis=2)).mean() > 0.9


def test_convolutions_are_integers_and_the_rest_is_float(folder: Path) -> None:
    graph = onnx.load(folder / "model.onnx").graph
    made_by = {output: node for node in graph.node for output in node.output}
    convolutions = []
    for node in graph.node:
        rounded = [made_by[name].op_type == "DequantizeLinear" for name in node.input[:2] if name in made_by]
        if node.op_type == "Conv":
            convolutions.append(rounded)
        if node.op_type == "MatMul":
            assert not any(rounded)
    # The first convolution sees the picture, unrounded.
    assert convolutions == [[False], *[[True, True]] * 10]
    assert {"LSTM", "LogSoftmax", "MatMul"} <= {node.op_type for node in graph.node}


def test_weights_have_seven_bits_so_that_sums_of_two_products_fit_into_sixteen(folder: Path) -> None:
    graph = onnx.load(folder / "model.onnx").graph
    tensors = [onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer if len(tensor.dims) == 4]
    weights = [tensor for tensor in tensors if tensor.dtype != np.float32]
    assert len(weights) == len(tensors) - 1 == 10
    for weight in weights:
        assert weight.dtype == np.int8
        assert 2 * 255 * int(np.abs(weight.astype(int)).max()) < 2**15


def test_the_manifest_says_so(folder: Path, model_folder: Path) -> None:
    manifest = load_manifest(folder)
    assert (manifest.precision, manifest.calibration_images) == ("int8", 32)
    manifest = load_manifest(model_folder)
    assert (manifest.precision, manifest.calibration_images) == ("float32", 0)


def test_manifests_from_before_mean_a_float_graph(model_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(model_folder, tmp_path / "m")
    told = json.loads((tmp_path / "m" / "manifest.json").read_text())
    del told["precision"], told["calibration_images"]
    (tmp_path / "m" / "manifest.json").write_text(json.dumps(told))
    assert load_manifest(tmp_path / "m") == load_manifest(model_folder)


@pytest.mark.parametrize("changes", [{"precision": "int8"}, {"calibration_images": 3}, {"precision": "int4"}])
def test_contradictory_manifests_are_refused(model_folder: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    shutil.copytree(model_folder, tmp_path / "m")
    told = json.loads((tmp_path / "m" / "manifest.json").read_text())
    (tmp_path / "m" / "manifest.json").write_text(json.dumps(told | changes))
    with pytest.raises(CheckpointError, match="not valid"):
        load_manifest(tmp_path / "m")


def test_the_same_images_give_the_same_bytes(
    folder: Path, tmp_path: Path, network: Recogniser, images: NDArray[np.uint8]
) -> None:
    again = save(tmp_path / "m", network, images[:32])
    assert again.files["model.onnx"] == load_manifest(folder).files["model.onnx"]


@pytest.mark.parametrize("shape", [(0, 48, 160, 3), (2, 48, 99, 3), (48, 160, 3)])
def test_images_that_are_no_inputs_leave_nothing(tmp_path: Path, network: Recogniser, shape: tuple[int, ...]) -> None:
    with pytest.raises(CheckpointError, match="Calibration"):
        save(tmp_path / "m", network, np.zeros(shape, dtype=np.uint8))
    with pytest.raises(CheckpointError, match="float64"):
        save(tmp_path / "m", network, np.zeros((1, 48, 160, 3)))
    assert list(tmp_path.iterdir()) == []
