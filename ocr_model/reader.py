"""A trained model, ready to read: ONNX Runtime and numpy, without torch."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.ctc import allowed_classes, decode_all, label_probability
from ocr_model.device import Device, check_used, providers
from ocr_model.errors import CheckpointError, DeviceError, ImageError, RecognitionError
from ocr_model.folder import load_manifest, read_verified
from ocr_model.graph_names import ASKED_NAME
from ocr_model.images import DEFAULT_LIMITS, decode_image
from ocr_model.limits import ImageLimits
from ocr_model.manifest import GRAPH_FILE, Manifest
from ocr_model.network_config import TIME_STEPS
from ocr_model.normalise import INPUT, normalise
from ocr_model.reading import Reading

_READ_AT_ONCE = 16
"""Images that `Reader.read` gives the network in one run: larger runs cost memory, not time."""


class Reader:
    """Reads images with one model version; immutable, and safe to call from several threads.

    Made by `Reader.load`.
    """

    def __init__(self, session: onnxruntime.InferenceSession, manifest: Manifest) -> None:
        self._session = session
        self._input_name: str = session.get_inputs()[0].name
        self.manifest = manifest
        self.charset: Charset = manifest.charset_object
        self._only_expert = _only_expert(session, manifest)

    @classmethod
    def load(cls, folder: Path, *, threads: int = 1, device: Device = Device.CPU) -> "Reader":
        """Load a model folder after checking its graph against its manifest.

        Args:
            folder: written by `ocr_model.checkpoint.save_checkpoint`.
            threads: threads that one run of the network uses on the CPU.
            device: where the network runs.

        Raises:
            DeviceError: it cannot run there.
            CheckpointError: the folder is missing, altered, or its parts do not fit.
        """
        manifest = load_manifest(folder)
        graph = read_verified(folder, manifest, GRAPH_FILE)
        wanted = providers(device)
        try:
            session = onnxruntime.InferenceSession(graph, _options(threads), providers=wanted)
            check_used(device, session.get_providers())
            reader = cls(session, manifest)
            reader.warm()
        except DeviceError:
            raise
        # ONNX Runtime raises its own exceptions, which share no public base class.
        except Exception as e:
            raise CheckpointError(f"The graph of {manifest.version} cannot be run.") from e
        return reader

    @property
    def version(self) -> str:
        """Name of the model version."""
        return self.manifest.version

    def warm(self) -> None:
        """Run once, so that the first request does not pay for allocations.

        Raises:
            RecognitionError: the network failed, or its output is not of the manifest's shape.
        """
        self._run(np.zeros((1, *INPUT.shape), dtype=np.uint8))

    def check(self, constraint: Constraint) -> None:
        """Make sure that this model can meet ``constraint``, before it shares a batch with others.

        Raises:
            ConstraintError: it leaves none of the model's characters.
        """
        allowed_classes(self.charset, constraint)

    def prepare(self, data: bytes, limits: ImageLimits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
        """Decode and normalise one image file to (48, 160, 3) RGB.

        Raises:
            ImageError: the bytes are no readable image within the limits.
        """
        return normalise(decode_image(data, limits))

    def recognise(self, batch: NDArray[np.uint8], constraints: Sequence[Constraint] = ()) -> list[Reading]:
        """Read prepared images in one run.

        Args:
            batch: uint8 (N, 48, 160, 3) from `prepare`; N may be 0.
            constraints: one an image, or none at all.

        Returns:
            N readings in the order of ``batch``.

        Raises:
            RecognitionError: the network failed.
            ConstraintError: a constraint fails `check`; the whole batch fails with it.
        """
        if not len(batch):
            return []
        each = constraints or [NO_CONSTRAINT] * len(batch)
        columns, temperatures = zip(*self._run(batch, self._asked(each)), strict=True)
        return decode_all(columns, self.charset, each, temperatures)

    def examine(self, batch: NDArray[np.uint8], texts: Sequence[str]) -> list[tuple[Reading, float]]:
        """Read prepared images in one run, and tell how probable their true texts are.

        Args:
            batch: uint8 (N, 48, 160, 3) from `prepare`; N may be 0.
            texts: the true ones of the N images.

        Returns:
            N readings, each with the probability, 0..1, of the true text: uncalibrated, so that models of
            different temperatures can be compared; 0 where a character is unknown to the model.

        Raises:
            RecognitionError: the network failed.
        """
        if not len(batch):
            return []
        columns, temperatures = zip(*self._run(batch), strict=True)
        readings = decode_all(columns, self.charset, [NO_CONSTRAINT] * len(batch), temperatures)
        of_truth = [label_probability(each, self.charset, text) for each, text in zip(columns, texts, strict=True)]
        return list(zip(readings, of_truth, strict=True))

    def read(
        self, images: Sequence[bytes], limits: ImageLimits = DEFAULT_LIMITS, *, constraint: Constraint = NO_CONSTRAINT
    ) -> list[Reading | ImageError]:
        """Read image files; one that is unreadable gives its error in its place.

        Raises:
            RecognitionError: the network failed.
            ConstraintError: the constraint, which holds for every image, fails `check`.
        """
        results: list[Reading | ImageError] = []
        for start in range(0, len(images), _READ_AT_ONCE):
            results += self._read_run(images[start : start + _READ_AT_ONCE], limits, constraint)
        return results

    def _read_run(
        self, images: Sequence[bytes], limits: ImageLimits, constraint: Constraint
    ) -> list[Reading | ImageError]:
        prepared: list[NDArray[np.uint8] | ImageError] = []
        for data in images:
            try:
                prepared.append(self.prepare(data, limits))
            except ImageError as e:
                prepared.append(e)
        pixels = [item for item in prepared if not isinstance(item, ImageError)]
        readings = iter(self.recognise(np.stack(pixels), [constraint] * len(pixels)) if pixels else [])
        return [item if isinstance(item, ImageError) else next(readings) for item in prepared]

    def _asked(self, constraints: Sequence[Constraint]) -> NDArray[np.bool_] | None:
        """Tell which images only an expert can read: who allows a character that it alone knows expects it."""
        if not self._only_expert:
            return None
        return np.array([bool(self._only_expert & (each.characters or frozenset())) for each in constraints])

    def _run(
        self, batch: NDArray[np.uint8], asked: NDArray[np.bool_] | None = None
    ) -> Iterable[tuple[NDArray[np.float32], float]]:
        """Run the network: float32 (40, classes) of each image, and the temperature of the network that read it."""
        given = {self._input_name: batch} | ({} if asked is None else {ASKED_NAME: asked})
        try:
            output, *by_expert = self._session.run(None, given)
        # ONNX Runtime raises its own exceptions, which share no public base class.
        except Exception as e:
            raise RecognitionError("The model failed on a batch of images.") from e
        if output.shape != (len(batch), TIME_STEPS, self.charset.size) or np.isnan(output).any():
            raise RecognitionError("The model's output is not what its manifest says.")
        general, expert = self.manifest.temperature, self.manifest.expert_temperature
        if len(by_expert) != (expert is not None):
            raise RecognitionError("The model's graph and its manifest differ in whether there is an expert.")
        if expert is None:
            return zip(output, [general] * len(batch), strict=True)
        return zip(output, np.where(by_expert[0], expert, general).tolist(), strict=True)


def _only_expert(session: onnxruntime.InferenceSession, manifest: Manifest) -> frozenset[str]:
    """Give the characters that the general network does not know; none where the graph cannot be asked."""
    known = manifest.general_classes
    # A default makes it no input that a run must give; graphs of the first releases with experts lack it.
    if known is None or ASKED_NAME not in {each.name for each in session.get_overridable_initializers()}:
        return frozenset()
    return frozenset(manifest.charset[known - 1 :])


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
