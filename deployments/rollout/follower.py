"""The pull: a replica that missed every push still comes to read with what the pointer names."""

import logging
import threading
from collections.abc import Callable

from deployments.records import ServingRow
from deployments.rollout.live_model import LiveModel
from deployments.rollout.memory import give_memory_back
from ocr_model.errors import GlyphserveError

logger = logging.getLogger(__name__)


class Follower:
    """A thread that compares a replica's model with the serving pointer every few seconds.

    Args:
        live: the replica's model.
        pointer: reads the pointer; raises GlyphserveError when it cannot.
        every_s: seconds between two comparisons.
    """

    def __init__(self, live: LiveModel, pointer: Callable[[], ServingRow], *, every_s: float) -> None:
        self._live = live
        self._pointer = pointer
        self._every_s = every_s
        self._stop = threading.Event()
        self._said = ""
        self._first = threading.Lock()
        self._compared = False
        self._thread = threading.Thread(target=self._run, name="follow-pointer", daemon=True)

    def start(self) -> None:
        """Begin; ends with the process, or by `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """End after the comparison under way."""
        self._stop.set()

    def compare(self) -> None:
        """Compare once, and tell who watches; a failure is logged, once for as long as it stays the same."""
        try:
            row = self._pointer()
            if row.generation > self._live.live.generation:
                self._live.follow(row.generation, row.version)
                give_memory_back()
        except GlyphserveError as e:
            if str(e) != self._said:
                logger.warning("cannot follow the serving pointer: %s", e)
            self._said = str(e)
        else:
            self._said = ""
        self._live.tell()

    def compare_before_the_first(self) -> None:
        """Compare when this is called for the first time; whoever calls meanwhile waits for it.

        A rollout waits for the replicas that run. One that becomes ready right after it, with a model that it loaded
        before, would read its first images with the older one.
        """
        with self._first:
            if not self._compared:
                self.compare()
                self._compared = True

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            self.compare()
