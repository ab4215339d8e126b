"""The life of a retrain, a step at a time: every step begins and ends with what the records say."""

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Protocol

from deployments.errors import RequestError, TrainingNotStartedError
from deployments.logs import request_id
from deployments.records import (
    DatasetRecords,
    DatasetRow,
    ModelRecords,
    ModelRow,
    RetrainEventRecords,
    RetrainRecords,
    RetrainRow,
    RetrainState,
    ServingRow,
)
from deployments.retrainer.exchange import Exchange, Verdict
from deployments.retrainer.jobs import JobState, TrainingJobs, job_id, retrain_of
from deployments.rollout.library import ModelLibrary
from deployments.rollout.report import ActivationReport
from deployments.settings.training import TrainingSettings

logger = logging.getLogger(__name__)

_TRAINING = (RetrainState.RUNNING, RetrainState.EVALUATING)
_REMEMBERED = 8
"""Earlier retrains that the next one goes over again; those before have been gone over as often."""

_ALIVE = (RetrainState.QUEUED, *_TRAINING, RetrainState.ROLLING_OUT)


class Rollouts(Protocol):
    """What brings a version to the replicas: `deployments.rollout.rollout.Rollout`."""

    def to(self, version: str, *, reason: str) -> ActivationReport:
        """Serve a version everywhere, or raise RequestError with nothing switched."""

    def converge(self, row: ServingRow) -> int:
        """Wait until the replicas follow a pointer that moved already; how many do."""


class RetrainRunner:
    """Takes retrains from the queue, one at a time, to their end.

    Whatever dies, and whenever: a runner that starts anew finds in the records where each retrain stands and goes on
    from there.

    Args:
        library: the models and, with them, records and blobs.
        blobs_uri: the blob store's address, for the jobs.
        jobs: where training happens.
        rollout: brings a better model to the replicas.
        settings: means and limits of a job.
        now: the clock.
    """

    def __init__(
        self,
        library: ModelLibrary,
        *,
        blobs_uri: str,
        jobs: TrainingJobs,
        rollout: Rollouts,
        settings: TrainingSettings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._library = library
        self._database = library.database
        self._blobs_uri = blobs_uri
        self._jobs = jobs
        self._rollout = rollout
        self._settings = settings
        self._now = now
        self._watched: str | None = None

    def tidy(self) -> None:
        """Stop jobs whose retrain has ended, which an earlier runner did not live to do."""
        for job in self._jobs.running():
            row = self._get(retrain_of(job))
            if row is None or row.state not in _TRAINING:
                self._jobs.stop(job)

    def step(self) -> bool:
        """Do what can be done now, without waiting; says whether a retrain is under way.

        Raises:
            StorageError: records or blobs cannot be reached; the next step tries again.
            TrainingNotStartedError: the cluster cannot be asked; likewise.
        """
        self._stop_abandoned()
        with self._database.reading() as connection:
            records = RetrainRecords(connection)
            row = next(iter(records.unfinished()), None)
            if row is None and self._settings.enabled:
                row = records.oldest(RetrainState.QUEUED)
        if row is None:
            return False
        steps = {
            RetrainState.QUEUED: self._start,
            RetrainState.RUNNING: self._watch,
            RetrainState.EVALUATING: self._watch,
            RetrainState.ROLLING_OUT: self._roll_out,
        }
        token = request_id.set(row.request_id)
        try:
            steps[row.state](row)
        except (RequestError, TrainingNotStartedError):
            raise
        except Exception:
            # One retrain that trips over a defect of ours must not hold up all that wait behind it.
            logger.exception("retrain broke off", extra={"retrain": row.id})
            self._end(row, RetrainState.FAILED, "a defect of the service ended this retrain; the log has it")
        finally:
            request_id.reset(token)
        return True

    def _stop_abandoned(self) -> None:
        """Stop the job last watched if its retrain is over: cancelled by a person, or past its deadline."""
        if self._watched is None:
            return
        row = self._get(retrain_of(self._watched))
        if row is None or row.state not in _TRAINING:
            self._jobs.stop(self._watched)
            self._watched = None

    def _start(self, row: RetrainRow) -> None:
        with self._database.reading() as connection:
            dataset = DatasetRecords(connection).get(row.dataset_id)
        if dataset is None:
            self._end(row, RetrainState.FAILED, "its examples are gone")
            return
        parent = self._library.row(self._library.pointer().version)
        self._exchange(row).write_request(
            row, dataset=dataset, parent=parent, remembered=self._learnt_by(parent), settings=self._settings
        )
        self._begin_attempt(row, from_=(RetrainState.QUEUED,))

    def _learnt_by(self, model: ModelRow) -> list[DatasetRow]:
        """The datasets of the retrains that led to a model, the latest first."""
        found: list[DatasetRow] = []
        with self._database.reading() as connection:
            models, retrains, datasets = (
                ModelRecords(connection),
                RetrainRecords(connection),
                DatasetRecords(connection),
            )
            ancestor: ModelRow | None = model
            while ancestor is not None and ancestor.retrain_id is not None and len(found) < _REMEMBERED:
                retrain = retrains.get(ancestor.retrain_id)
                dataset = None if retrain is None else datasets.get(retrain.dataset_id)
                if dataset is not None and dataset not in found:
                    found.append(dataset)
                ancestor = models.get(ancestor.parent) if ancestor.parent else None
        return found

    def _watch(self, row: RetrainRow) -> None:
        job = self._watched = row.job_id or ""
        self._import_events(row)
        state = self._jobs.state(job)
        if state is JobState.UNKNOWN:
            self._start_again(row)
        elif state is JobState.SUCCEEDED:
            self._conclude(row)
        elif state is JobState.RUNNING:
            if self._now() > self._deadline(row):
                self._end(row, RetrainState.FAILED, f"not done within {self._settings.deadline_s:g} s ({_phase(row)})")
        else:
            self._end_lost(row, job)

    def _end_lost(self, row: RetrainRow, job: str) -> None:
        words = self._jobs.last_words(job)
        self._end(row, RetrainState.FAILED, f"training failed: {words[:500]}" if words else "training failed")

    def _start_again(self, row: RetrainRow) -> None:
        """Submit anew what the cluster does not know: it was never submitted, or went with its cluster."""
        if row.attempts >= self._settings.attempts:
            self._end(row, RetrainState.FAILED, f"its processes were lost {row.attempts} times")
            return
        logger.warning("training starts again", extra={"retrain": row.id, "attempt": row.attempts + 1})
        self._begin_attempt(row, from_=_TRAINING)

    def _conclude(self, row: RetrainRow) -> None:
        exchange = self._exchange(row)
        try:
            verdict = exchange.verdict()
            if verdict.outcome == "promote" and not row.debug:
                self._promote(row, exchange, verdict)
                return
        except ValueError as e:
            self._end(row, RetrainState.FAILED, str(e))
            return
        self._end(row, RetrainState.REJECTED, verdict.reason, verdict)

    def _promote(self, row: RetrainRow, exchange: Exchange, verdict: Verdict) -> None:
        parent, serving = exchange.parent(), self._library.pointer().version
        if serving != parent:
            reason = f"{serving} is served by now, and this was compared with {parent}: retrain again"
            self._end(row, RetrainState.REJECTED, reason, verdict)
            return
        manifest = exchange.candidate_manifest()
        version = str(manifest["version"])
        model = ModelRow(
            version=version,
            created_at=self._now(),
            parent=parent,
            retrain_id=row.id,
            key=exchange.candidate_key,
            metrics=manifest["metrics"],
            verdict=verdict.model_dump(mode="json"),
        )
        with self._database.writing() as connection:
            ModelRecords(connection).insert(model)
        self._move(row, RetrainState.ROLLING_OUT, from_=_TRAINING, verdict=verdict, candidate=version)

    def _roll_out(self, row: RetrainRow) -> None:
        version = row.candidate or ""
        pointer = self._library.pointer()
        try:
            if pointer.version == version:
                # A runner before this one moved the pointer and did not live to see them all follow.
                replicas = self._rollout.converge(pointer)
            else:
                replicas = self._rollout.to(version, reason=f"retrain {row.id}").replicas
        except RequestError as e:
            self._end(row, RetrainState.FAILED, e.detail)
            return
        self._end(row, RetrainState.PROMOTED, f"{_reason(row)} Served by {replicas} replicas.".strip())

    def _import_events(self, row: RetrainRow) -> None:
        """Take over what the job told since the last look, in one transaction with how far that is."""
        progress = dict(row.progress or {})
        events = self._exchange(row).events()
        imported = progress.get("imported", 0)
        # A job that was started again writes its file anew.
        known = imported if isinstance(imported, int) and imported <= len(events) else 0
        fresh = events[known:]
        if not fresh:
            return
        for event in fresh:
            progress |= {"phase": event.kind, **{k: v for k, v in event.data.items() if _is_plain(v)}}
        progress["imported"] = len(events)
        with self._database.writing() as connection:
            RetrainEventRecords(connection).append(row.id, fresh)
            RetrainRecords(connection).set_progress(row.id, progress, at=self._now())
        if row.state is RetrainState.RUNNING and any(event.kind == "evaluating" for event in fresh):
            self._move(row, RetrainState.EVALUATING, from_=(RetrainState.RUNNING,))

    def _deadline(self, row: RetrainRow) -> datetime:
        started = (row.progress or {}).get("started_at")
        begun = datetime.fromisoformat(started) if isinstance(started, str) else row.updated_at
        return begun + timedelta(seconds=self._settings.deadline_s)

    def _get(self, retrain_id: str) -> RetrainRow | None:
        with self._database.reading() as connection:
            return RetrainRecords(connection).get(retrain_id)

    def _exchange(self, row: RetrainRow) -> Exchange:
        return Exchange(self._library.blobs, blobs_uri=self._blobs_uri, retrain_id=row.id)

    def _end(self, row: RetrainRow, to: RetrainState, reason: str, verdict: Verdict | None = None) -> None:
        self._move(row, to, from_=_ALIVE, reason=reason, verdict=verdict)

    def _move(
        self,
        row: RetrainRow,
        to: RetrainState,
        *,
        from_: Collection[RetrainState],
        reason: str | None = None,
        verdict: Verdict | None = None,
        candidate: str | None = None,
    ) -> bool:
        """Change the state unless somebody else did."""
        told = None if verdict is None else verdict.model_dump(mode="json")
        with self._database.writing() as connection:
            moved = RetrainRecords(connection).move(
                row.id, to=to, from_=from_, at=self._now(), reason=reason, verdict=told, candidate=candidate
            )
        logger.info("retrain %s", to if moved else "was moved by another", extra={"retrain": row.id, "reason": reason})
        return moved

    def _begin_attempt(self, row: RetrainRow, *, from_: Collection[RetrainState]) -> None:
        """Submit one more attempt and write it down.

        In this order: ids follow from the records and submitting twice changes nothing, so a runner that
        dies in between is made up for by the next.
        """
        job = job_id(row.id, row.attempts + 1)
        self._watched = job
        try:
            self._jobs.submit(job, self._exchange(row).address)
        except TrainingNotStartedError as e:
            if row.state is RetrainState.QUEUED and row.reason != e.detail:
                self._move(row, RetrainState.QUEUED, from_=(RetrainState.QUEUED,), reason=e.detail)
            raise
        now = self._now()
        with self._database.writing() as connection:
            records = RetrainRecords(connection)
            if not records.move(row.id, to=RetrainState.RUNNING, from_=from_, at=now, reason="", job_id=job):
                return
            records.count_attempt(row.id, at=now)
            if row.state is RetrainState.QUEUED:
                records.set_progress(row.id, {"started_at": now.isoformat(), "imported": 0}, at=now)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _phase(row: RetrainRow) -> str:
    phase = (row.progress or {}).get("phase")
    return "it waited for free CPUs" if phase == "waiting" else f"it was at: {phase or 'start'}"


def _reason(row: RetrainRow) -> str:
    return str((row.verdict or {}).get("reason", ""))
