"""What a model runs on: the CPU, or a GPU through ONNX Runtime's CUDA provider."""

from collections.abc import Sequence
from enum import StrEnum

import onnxruntime

from ocr_model.errors import DeviceError


class Device(StrEnum):
    """Where a reader's network runs."""

    CPU = "cpu"
    CUDA = "cuda"


_CPU = "CPUExecutionProvider"
_CUDA = "CUDAExecutionProvider"

CUDA_NOT_OFFERED = (
    "reading on a GPU was asked for, and this ONNX Runtime has no CUDA: install onnxruntime-gpu of the same version in "
    "its place, or set reading.device to cpu"
)
CUDA_NOT_WORKING = (
    "reading on a GPU was asked for, and ONNX Runtime could not use one here: give the Recognizer num_gpus in "
    "cluster.yaml, look at nvidia-smi and for the CUDA and cuDNN that onnxruntime-gpu needs, or set reading.device to "
    "cpu"
)


def offers_cuda() -> bool:
    """Whether the installed ONNX Runtime was built with CUDA; whether there is a GPU shows when a model is loaded."""
    return _CUDA in onnxruntime.get_available_providers()


def providers(device: Device) -> list[str]:
    """ONNX Runtime's execution providers for a device, the first being the one that is meant.

    Raises:
        DeviceError: the installed ONNX Runtime does not offer it.
    """
    if device is Device.CPU:
        return [_CPU]
    if not offers_cuda():
        raise DeviceError(CUDA_NOT_OFFERED)
    # What CUDA has no kernel for runs on the CPU.
    return [_CUDA, _CPU]


def check_used(device: Device, used: Sequence[str]) -> None:
    """Make sure that a session runs where it was meant to: ONNX Runtime falls back to the CPU with a log line.

    Args:
        device: what was asked for.
        used: the session's own providers.

    Raises:
        DeviceError: it fell back.
    """
    if device is Device.CUDA and _CUDA not in used:
        raise DeviceError(CUDA_NOT_WORKING)
