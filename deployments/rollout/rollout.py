"""The rollout itself: prepare everywhere, move the durable pointer, switch, wait until all have switched."""

import logging
import threading
import time
from datetime import UTC, datetime

from deployments.errors import RolloutError
from deployments.metrics.catalogue import ROLLOUT_SECONDS, ROLLOUTS
from deployments.metrics.meter import SILENT, Meter
from deployments.protocol import LoadReport, ReplicaReport
from deployments.records import ServingRecords, ServingRow
from deployments.rollout.library import ModelLibrary
from deployments.rollout.replicas import Replicas
from deployments.rollout.report import ActivationReport
from deployments.settings.rollout import RolloutSettings

logger = logging.getLogger(__name__)

_ACTIVATE_TIMEOUT_S = 5.0
_BETWEEN_S = 0.1


class Rollout:
    """Brings versions to all replicas, one at a time.

    Args:
        library: the versions and the pointer.
        replicas: the deployment that reads.
        settings: patience.
        meter: counts what comes of them.
    """

    def __init__(
        self, library: ModelLibrary, replicas: Replicas, settings: RolloutSettings, *, meter: Meter = SILENT
    ) -> None:
        self._library = library
        self._replicas = replicas
        self._settings = settings
        self._meter = meter
        self._one_at_a_time = threading.Lock()

    def to(self, version: str, *, reason: str) -> ActivationReport:
        """Serve ``version`` everywhere; rolling back is no different from rolling forward.

        Nothing has changed if this raises: the pointer moves only once every replica has the version
        loaded, and from then on each comes to it by itself even if nobody pushes.

        Args:
            version: a registered one.
            reason: why, kept with the pointer.

        Raises:
            RequestError: there is no such version.
            RolloutError: a replica cannot load it, or does not in time.
            StorageError: the pointer could not be written.
        """
        started_s = time.monotonic()
        with self._one_at_a_time:
            self._library.row(version)
            try:
                self._prepare(version)
            except RolloutError:
                self._meter.count(ROLLOUTS, outcome="refused")
                raise
            with self._library.database.writing() as connection:
                row = ServingRecords(connection).advance(version, reason=reason, at=datetime.now(UTC))
            logger.info("pointer moved", extra={"model_version": version, "generation": row.generation})
            replicas = self.converge(row)
        seconds = time.monotonic() - started_s
        self._meter.count(ROLLOUTS, outcome="done")
        self._meter.observe(ROLLOUT_SECONDS, seconds)
        logger.info("rolled out", extra={"model_version": version, "replicas": replicas, "seconds": round(seconds, 3)})
        return ActivationReport(generation=row.generation, version=version, replicas=replicas, seconds=seconds)

    def converge(self, row: ServingRow) -> int:
        """Switch the replicas to ``row`` and wait until all that run report its generation or a later one.

        Returns:
            How many report it; fewer than run if the time is up, the rest follow by themselves.
        """
        deadline_s = time.monotonic() + self._settings.converge_timeout_s
        while True:
            reports = self._replicas.activate(row.generation, row.version, timeout_s=_ACTIVATE_TIMEOUT_S)
            there = {report.replica_id for report in reports if report.generation >= row.generation}
            running = self._replicas.running()
            if running is not None and len(there) == len(reports) and len(there) >= max(1, running):
                return len(there)
            if time.monotonic() > deadline_s:
                logger.warning("not converged: %d of %s replicas; %s", len(there), running, _faults(reports))
                return len(there)
            time.sleep(_BETWEEN_S)

    def _prepare(self, version: str) -> None:
        deadline_s = time.monotonic() + self._settings.prepare_timeout_s
        reports: list[LoadReport] = []
        try:
            # None at all: the only replica is just being replaced.
            while not reports and (left_s := deadline_s - time.monotonic()) > 0:
                reports = self._replicas.prepare(version, timeout_s=left_s)
                if not reports:
                    time.sleep(_BETWEEN_S)
        except TimeoutError as e:
            self._replicas.discard(version)
            raise RolloutError(
                f"{version} was not loaded everywhere within {self._settings.prepare_timeout_s:g} s, "
                "so nothing was switched"
            ) from e
        faulty = [report for report in reports if report.fault]
        if faulty or not reports:
            self._replicas.discard(version)
            why = (
                f"{len(faulty)} of {len(reports)} replicas cannot load it: {faulty[0].fault}"
                if faulty
                else "no replica answers"
            )
            raise RolloutError(f"{version} was not rolled out: {why}")


def _faults(reports: list[ReplicaReport]) -> str:
    return "; ".join(sorted({report.fault for report in reports if report.fault})) or "no fault reported"
