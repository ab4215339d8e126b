"""The model that a replica reads with, and the one that may come next."""

import logging
import threading
from collections.abc import Callable
from typing import NamedTuple

from ocr_model.reader import Reader

logger = logging.getLogger(__name__)

Load = Callable[[str], Reader]
"""Loads a version by name; raises GlyphserveError when it cannot."""


class Live(NamedTuple):
    """A reader and the generation of the serving pointer that named it."""

    generation: int
    reader: Reader


class LiveModel:
    """One reference that is swapped whole; safe to use from threads.

    Whoever reads a batch takes `live` once and keeps it to the batch's end: a batch never mixes versions.

    Args:
        first: what to read with until told otherwise.
        load: loads versions; may take as long as it likes, reading goes on meanwhile.
    """

    def __init__(self, first: Live, load: Load) -> None:
        self._live = first
        self._load = load
        self._lock = threading.Lock()
        self._wanted = ""
        self._candidate: Reader | None = None
        self.fault = ""
        self._watcher: Callable[[Live], None] | None = None

    def watch(self, watcher: Callable[[Live], None]) -> None:
        """Have ``watcher`` told what is read with, now and after every change; it must neither wait nor raise."""
        self._watcher = watcher
        watcher(self._live)

    def tell(self) -> None:
        """Tell the watcher, if there is one, what is read with."""
        if self._watcher is not None:
            self._watcher(self._live)

    @property
    def live(self) -> Live:
        """What is read with now."""
        return self._live

    def prepare(self, version: str) -> None:
        """Load and warm ``version`` beside the live one; at once if it is loaded already.

        Raises:
            GlyphserveError: it cannot be loaded; the live one reads on.
        """
        with self._lock:
            self._wanted = version
            if version in self._loaded():
                return
        reader = self._load(version)
        with self._lock:
            # A load that hung and comes back after another was wanted must not displace that one.
            if self._wanted == version:
                self._candidate = reader

    def activate(self, generation: int, version: str) -> bool:
        """Read with ``version`` from the next batch on, if it is loaded; says whether the generation is reached.

        Generations only grow: an older one changes nothing.
        """
        with self._lock:
            if generation <= self._live.generation:
                return True
            reader = self._loaded().get(version)
            if reader is None:
                return False
            before, self._live = self._live, Live(generation, reader)
            self._candidate = None
            self.fault = ""
        self.tell()
        if before.reader.version != version:
            logger.info(
                "model swapped",
                extra={"model_version": version, "before": before.reader.version, "generation": generation},
            )
        return True

    def follow(self, generation: int, version: str) -> None:
        """Come to read with what the serving pointer names, loading it first if need be.

        Raises:
            GlyphserveError: it cannot be loaded; the live one reads on, and `fault` says why.
        """
        if self.activate(generation, version):
            return
        try:
            self.prepare(version)
        except Exception as e:
            self.fault = str(e)
            raise
        self.activate(generation, version)

    def discard(self, version: str) -> None:
        """Forget ``version`` if it was prepared and never activated."""
        with self._lock:
            if self._wanted == version:
                self._wanted = ""
            if self._candidate is not None and self._candidate.version == version:
                self._candidate = None

    def _loaded(self) -> dict[str, Reader]:
        readers = [self._live.reader] if self._candidate is None else [self._candidate, self._live.reader]
        return {reader.version: reader for reader in readers}
