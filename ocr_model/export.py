"""From torch to ONNX, for readers that know no torch."""

import copy
import warnings
from pathlib import Path

import torch
from torch.jit import TracerWarning  # type: ignore[attr-defined]  # public, but not in __all__

from ocr_model.graph_names import INPUT_NAME, OUTPUT_NAME
from ocr_model.network import Recogniser
from ocr_model.normalise import INPUT
from ocr_model.router import Router

OPSET = 17

_EXPECTED_WARNINGS = (
    # The TorchScript exporter is chosen on purpose: it writes the LSTM as one ONNX LSTM node.
    (DeprecationWarning, r"You are using the legacy TorchScript-based ONNX export"),
    (DeprecationWarning, r"The feature will be removed\. Please remove usage of this function"),
    # What it would trace wrongly are the LSTM's checks of shapes that never change here.
    (TracerWarning, r"Converting a tensor to a Python boolean might cause"),
    # The batch axis of the LSTM's initial state follows the input's, which the warning asks for.
    (UserWarning, r"Exporting a model to ONNX with a batch_size other than 1"),
)


def export_onnx(network: Recogniser | Router, path: Path) -> None:
    """Write ``network`` in evaluation mode as an ONNX graph.

    Input ``images``: uint8 (N, 48, 160, 3); output ``log_probs``: float32 (N, 40, classes), or (N,) scores of a
    router; N is free.

    Args:
        network: left as it is; a copy is exported.
        path: the file to write.
    """
    twin = copy.deepcopy(network).cpu().float().eval()
    example = torch.zeros((2, *INPUT.shape), dtype=torch.uint8)
    with warnings.catch_warnings():
        for category, message in _EXPECTED_WARNINGS:
            warnings.filterwarnings("ignore", message, category)
        torch.onnx.export(
            twin,
            (example,),
            str(path),
            input_names=[INPUT_NAME],
            output_names=[OUTPUT_NAME],
            dynamic_axes={INPUT_NAME: {0: "n"}, OUTPUT_NAME: {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
