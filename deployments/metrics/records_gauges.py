"""What the records tell of jobs and corrections, as gauges."""

import time
from collections.abc import Callable

from deployments.metrics.catalogue import CORRECTIONS, CORRECTIONS_EXACT, RETRAINS
from deployments.metrics.meter import Meter
from deployments.records import Database, RecognitionRecords, RetrainRecords

EVERY_S = 10.0
"""Between two looks at the records, as often as Ray exports."""


class RecordsGauges:
    """Looks at the records now and then.

    Args:
        database: the records.
        meter: where the gauges are.
        clock: seconds that only grow.
    """

    def __init__(self, database: Database, meter: Meter, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._meter = meter
        self._clock = clock
        self._due_s = clock()

    def tell(self) -> None:
        """Set the gauges if it is time.

        Raises:
            StorageError: the records cannot be read; the next call tries again.
        """
        if self._clock() < self._due_s:
            return
        with self._database.reading() as connection:
            counts = RetrainRecords(connection).counts()
            scores = RecognitionRecords(connection).correction_scores()
        for state, count in counts.items():
            self._meter.set(RETRAINS, count, state=state)
        for score in scores:
            self._meter.set(CORRECTIONS, score.corrected, model_version=score.model_version)
            self._meter.set(CORRECTIONS_EXACT, score.exact, model_version=score.model_version)
        self._due_s = self._clock() + EVERY_S
