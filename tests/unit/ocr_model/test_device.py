"""What is asked for and not there is refused by name; no test here needs a GPU."""

from pathlib import Path

import onnxruntime
import pytest

from ocr_model.device import CUDA_NOT_OFFERED, CUDA_NOT_WORKING, Device, check_used, offers_cuda, providers
from ocr_model.errors import DeviceError
from ocr_model.reader import Reader


@pytest.fixture
def with_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """What onnxruntime-gpu says of itself, with a GPU or without."""
    offered = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: offered)


def test_the_cpu_is_always_there() -> None:
    assert providers(Device.CPU) == ["CPUExecutionProvider"]


@pytest.mark.skipif(offers_cuda(), reason="this ONNX Runtime has CUDA")
def test_without_cuda_the_model_is_refused_and_the_remedy_named(model_folder: Path) -> None:
    with pytest.raises(DeviceError, match="install onnxruntime-gpu") as caught:
        Reader.load(model_folder, device=Device.CUDA)
    assert str(caught.value) == CUDA_NOT_OFFERED


@pytest.mark.usefixtures("with_cuda")
def test_where_the_package_offers_cuda_it_comes_first() -> None:
    assert providers(Device.CUDA) == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    check_used(Device.CUDA, ["CUDAExecutionProvider", "CPUExecutionProvider"])


@pytest.mark.usefixtures("with_cuda")
@pytest.mark.filterwarnings("ignore:Specified provider 'CUDAExecutionProvider' is not in available:UserWarning")
def test_a_silent_fall_back_to_the_cpu_is_refused(model_folder: Path) -> None:
    """The real session of this machine falls back as it would where CUDA's libraries are missing."""
    with pytest.raises(DeviceError, match="nvidia-smi") as caught:
        Reader.load(model_folder, device=Device.CUDA)
    assert str(caught.value) == CUDA_NOT_WORKING
