"""A model's graph at work in ONNX Runtime: what it is given, what it answers, and what else can go wrong."""

from typing import NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_model.device import Device, check_used, providers
from ocr_model.errors import RecognitionError
from ocr_model.graph_names import ASKED_NAME
from ocr_model.manifest import Manifest
from ocr_model.network_config import TIME_STEPS


class Output(NamedTuple):
    """What a graph says of N images."""

    columns: NDArray[np.float32]
    """Log-probabilities (N, 40, classes); more columns where several runs are joined."""

    temperatures: list[float]
    """Of the network that read each image."""

    by_expert: NDArray[np.bool_]
    """(N,): which images an expert read."""


class GraphSession:
    """Runs a graph; safe to use from several threads.

    Args:
        session: the graph.
        manifest: of its folder.
    """

    def __init__(self, session: onnxruntime.InferenceSession, manifest: Manifest) -> None:
        self._session = session
        self._manifest = manifest
        self._classes = manifest.charset_object.size
        self._input_name: str = session.get_inputs()[0].name
        # A default makes it no input that a run must give; graphs of the first releases with experts lack it.
        self.can_be_asked = ASKED_NAME in {each.name for each in session.get_overridable_initializers()}

    @classmethod
    def open(cls, graph: bytes, manifest: Manifest, *, threads: int, device: Device) -> "GraphSession":
        """Open a graph.

        Raises:
            DeviceError: it cannot run on ``device``.
            Exception: whatever else ONNX Runtime raises of a graph that it cannot run.
        """
        wanted = providers(device)
        session = onnxruntime.InferenceSession(graph, _options(threads), providers=wanted)
        check_used(device, session.get_providers())
        return cls(session, manifest)

    def run(self, batch: NDArray[np.uint8], asked: NDArray[np.bool_] | None = None) -> Output:
        """Run the network.

        Args:
            batch: uint8 (N, 48, 160, 3), N at least 1.
            asked: (N,), which images an expert shall read whatever the router says; only if ``can_be_asked``.

        Raises:
            RecognitionError: it failed, or its output is not of the manifest's shape.
        """
        given = {self._input_name: batch} | ({} if asked is None else {ASKED_NAME: asked})
        try:
            output, *by_expert = self._session.run(None, given)
        # ONNX Runtime raises its own exceptions, which share no public base class.
        except Exception as e:
            raise RecognitionError("The model failed on a batch of images.") from e
        if output.shape != (len(batch), TIME_STEPS, self._classes) or np.isnan(output).any():
            raise RecognitionError("The model's output is not what its manifest says.")
        general, expert = self._manifest.temperature, self._manifest.expert_temperature
        if len(by_expert) != (expert is not None):
            raise RecognitionError("The model's graph and its manifest differ in whether there is an expert.")
        if expert is None:
            return Output(output, [general] * len(batch), np.zeros(len(batch), dtype=np.bool_))
        return Output(output, np.where(by_expert[0], expert, general).tolist(), by_expert[0])


def _options(threads: int) -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    # Idle threads that spin would take the core from whoever else is serving on it.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # The arena keeps the memory of the largest batch ever seen; the network is small enough without.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return options
