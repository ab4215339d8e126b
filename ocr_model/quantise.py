"""From a float graph to one that computes its convolutions in 8-bit integers (docs/decisions/0011)."""

import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from ocr_model.errors import CheckpointError
from ocr_model.normalise import INPUT

_OPS = ["Conv", "Relu"]
"""What becomes integers. The LSTM, the bypass around it and the classes stay float: rounding the
logits was seen to change as many answers as all convolutions together, and to save no time."""

_PERCENTILE = 99.999
"""Share of the values within an activation's range; the few beyond it would coarsen all the others."""

_RUN = 16
"""Images whose activations are held at a time: 256 at once would take a gigabyte."""


def quantise(graph: Path, images: NDArray[np.uint8]) -> None:
    """Replace a float ONNX graph by its 8-bit twin; the same graph and images give the same bytes.

    Activations are uint8, ranged by what they are on nearly all of ``images``; weights are int8 with
    one scale a channel, and of 7 bits: a pair of products of 8 bits overflows the 16-bit sums of
    CPUs without VNNI, silently, and the model would misread there.

    Args:
        graph: the file, written by `ocr_model.export.export_onnx`; replaced.
        images: (N, 48, 160, 3) as `ocr_model.normalise` makes them, N at least 1; some hundreds,
            like those to be read.

    Raises:
        CheckpointError: the images are of another shape or type, or there is none.
    """
    if images.ndim != 4 or images.shape[1:] != INPUT.shape or images.dtype != np.uint8 or not len(images):
        raise CheckpointError(
            f"Calibration needs at least one uint8 image of {INPUT.shape}; given were {images.dtype} {images.shape}."
        )
    # The calibrator prints what it does.
    with tempfile.TemporaryDirectory(prefix="quantise-") as folder, contextlib.redirect_stdout(io.StringIO()):
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(graph, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            graph,
            _Runs(images),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=_OPS,
            nodes_to_exclude=_stem(prepared),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.Percentile,
            # The second option makes any calibrator go on run by run, not only the one it is named after.
            extra_options={"CalibPercentile": _PERCENTILE, "CalibStridedMinMax": 1},
        )


def _stem(graph: Path) -> list[str]:
    """Name the first convolution and its rectifier: the picture itself is too fine for seven bits."""
    nodes = onnx.load(graph).graph.node
    return [next(node.name for node in nodes if node.op_type == kind) for kind in _OPS]


class _Runs(CalibrationDataReader):  # type: ignore[misc]  # ONNX Runtime has no types
    """Gives the images to the calibrator, a run at a time; counts and ranges are of runs."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        self._runs = [images[first : first + _RUN] for first in range(0, len(images), _RUN)]
        self._waiting = iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def set_range(self, start_index: int, end_index: int) -> None:
        """Go on with these runs."""
        self._waiting = iter(self._runs[start_index:end_index])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        """Give the next run's input; None at the end."""
        run = next(self._waiting, None)
        return None if run is None else {"images": run}
