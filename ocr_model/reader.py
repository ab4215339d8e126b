"""A trained model, ready to read: ONNX Runtime and numpy, without torch."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr_model.charset import Charset
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.ctc import allowed_classes, decode_all, label_probability
from ocr_model.device import Device
from ocr_model.doubt import AGAIN_BELOW
from ocr_model.errors import CheckpointError, DeviceError, ImageError
from ocr_model.folder import load_manifest, read_verified
from ocr_model.images import DEFAULT_LIMITS, decode_image
from ocr_model.limits import ImageLimits
from ocr_model.looks import FURTHER_LOOKS, likeliest, look_at
from ocr_model.manifest import GRAPH_FILE, Manifest
from ocr_model.normalise import INPUT, normalise
from ocr_model.reading import Reading
from ocr_model.session import GraphSession, Output

_READ_AT_ONCE = 16
"""Images that `Reader.read` gives the network in one run: larger runs cost memory, not time."""


class Reader:
    """Reads images with one model version; immutable, and safe to call from several threads.

    Made by `Reader.load`.
    """

    def __init__(self, session: GraphSession, manifest: Manifest, *, again_below: float = AGAIN_BELOW) -> None:
        self._session = session
        self._again_below = again_below
        self.manifest = manifest
        self.charset: Charset = manifest.charset_object
        self._only_expert = _only_expert(manifest) if session.can_be_asked else frozenset()

    @classmethod
    def load(
        cls, folder: Path, *, threads: int = 1, device: Device = Device.CPU, again_below: float = AGAIN_BELOW
    ) -> "Reader":
        """Load a model folder after checking its graph against its manifest.

        Args:
            folder: written by `ocr_model.checkpoint.save_checkpoint`.
            threads: threads that one run of the network uses on the CPU.
            device: where the network runs.
            again_below: confidence, 0..1, below which `recognise` looks at an image again; 0: never.

        Raises:
            DeviceError: it cannot run there.
            CheckpointError: the folder is missing, altered, or its parts do not fit.
        """
        manifest = load_manifest(folder)
        graph = read_verified(folder, manifest, GRAPH_FILE)
        try:
            session = GraphSession.open(graph, manifest, threads=threads, device=device)
            reader = cls(session, manifest, again_below=again_below)
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
        self._session.run(np.zeros((1, *INPUT.shape), dtype=np.uint8))

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
        """Read prepared images in one run, and look again at those that it reads with doubt.

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
        output = self._session.run(batch, self._asked(each))
        readings = decode_all(output.columns, self.charset, each, output.temperatures)
        # What an expert reads it was taught: it is seldom in doubt, and the router might not know the image turned.
        doubtful = [
            image
            for image, reading in enumerate(readings)
            if reading.confidence < self._again_below and not output.by_expert[image]
        ]
        if doubtful:
            self._look_again(readings, doubtful, batch, output, [each[image] for image in doubtful])
        return readings

    def _look_again(
        self,
        readings: list[Reading],
        doubtful: list[int],
        batch: NDArray[np.uint8],
        output: Output,
        constraints: list[Constraint],
    ) -> None:
        """Put in place of doubtful readings what all looks say together."""
        first = Output(
            output.columns[doubtful], [output.temperatures[image] for image in doubtful], output.by_expert[doubtful]
        )
        images = batch[doubtful]
        further = [look_at(images, look, self._session.run) for look in FURTHER_LOOKS]
        by_look = [[readings[image] for image in doubtful]]
        by_look += [decode_all(each.columns, self.charset, constraints, each.temperatures) for each in further]
        together = likeliest(by_look, [first, *further], self.charset, constraints)
        for image, reading in zip(doubtful, together, strict=True):
            readings[image] = reading

    def examine(self, batch: NDArray[np.uint8], texts: Sequence[str]) -> list[tuple[Reading, float]]:
        """Read prepared images in one run, without further looks, and tell how probable their true texts are.

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
        output = self._session.run(batch)
        readings = decode_all(output.columns, self.charset, [NO_CONSTRAINT] * len(batch), output.temperatures)
        of_truth = [
            label_probability(columns, self.charset, text) for columns, text in zip(output.columns, texts, strict=True)
        ]
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


def _only_expert(manifest: Manifest) -> frozenset[str]:
    """Give the characters that the general network does not know."""
    known = manifest.general_classes
    return frozenset() if known is None else frozenset(manifest.charset[known - 1 :])
