"""A runner on real records and blobs, with a cluster and replicas played by small objects."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deployments.archive.dataset_store import store_dataset
from deployments.archive.entries import Example
from deployments.errors import TrainingNotStartedError
from deployments.records import (
    RetrainEventRecords,
    RetrainRecords,
    RetrainRow,
    RetrainState,
    ServingRecords,
    ServingRow,
    Source,
)
from deployments.retrainer.jobs import JobState
from deployments.retrainer.runner import RetrainRunner
from deployments.rollout.library import ModelLibrary
from deployments.rollout.report import ActivationReport
from deployments.settings.training import TrainingSettings
from tests.support.images import png


class ScriptedJobs:
    """A cluster that trains nothing: tests say what becomes of its jobs."""

    def __init__(self) -> None:
        self.states: dict[str, JobState] = {}
        self.folders: dict[str, str] = {}
        self.words = ""
        self.away = False

    def submit(self, job_id: str, folder: str) -> None:
        self._answer()
        self.states.setdefault(job_id, JobState.RUNNING)
        self.folders[job_id] = folder

    def state(self, job_id: str) -> JobState:
        self._answer()
        return self.states.get(job_id, JobState.UNKNOWN)

    def last_words(self, job_id: str) -> str:
        assert job_id in self.states
        return self.words

    def stop(self, job_id: str) -> None:
        if self.states.get(job_id) is JobState.RUNNING:
            self.states[job_id] = JobState.STOPPED

    def running(self) -> list[str]:
        self._answer()
        return [job for job, state in self.states.items() if state is JobState.RUNNING]

    def _answer(self) -> None:
        if self.away:
            raise TrainingNotStartedError("away")


class PointerOnly:
    """A rollout that moves the pointer, with nobody to follow it."""

    def __init__(self, library: ModelLibrary) -> None:
        self.library = library
        self.script: list[Exception] = []
        self.converged: list[int] = []

    def to(self, version: str, *, reason: str) -> ActivationReport:
        if self.script:
            raise self.script.pop(0)
        with self.library.database.writing() as connection:
            row = ServingRecords(connection).advance(version, reason=reason, at=datetime.now(UTC))
        return ActivationReport(generation=row.generation, version=version, replicas=2, seconds=0.1)

    def converge(self, row: ServingRow) -> int:
        self.converged.append(row.generation)
        return 2


class World:
    """Everything a runner works with, and what tests ask of it."""

    def __init__(self, library: ModelLibrary, blobs_uri: str) -> None:
        self.library = library
        self.blobs_uri = blobs_uri
        self.jobs = ScriptedJobs()
        self.rollout = PointerOnly(library)
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)
        self.settings = TrainingSettings(deadline_s=600)
        self.runner = self.new_runner()

    def new_runner(self) -> RetrainRunner:
        """A runner that remembers nothing."""
        return RetrainRunner(
            self.library,
            blobs_uri=self.blobs_uri,
            jobs=self.jobs,
            rollout=self.rollout,
            settings=self.settings,
            now=lambda: self.now,
        )

    def queue(self, *, debug: bool = False) -> str:
        """Queue a retrain; its id."""
        examples = [Example(image=png("7"), label="7")]
        row = store_dataset(
            self.library.blobs,
            self.library.database,
            examples,
            source=Source.UPLOAD,
            debug=debug,
            request_id="order-1",
        )
        return row.id

    def row(self, retrain_id: str) -> RetrainRow:
        with self.library.database.reading() as connection:
            row = RetrainRecords(connection).get(retrain_id)
        assert row is not None
        return row

    def states(self, retrain_id: str) -> list[object]:
        """The states that its events tell, in order."""
        with self.library.database.reading() as connection:
            events = RetrainEventRecords(connection).after(retrain_id, 0, limit=1000)
        return [event.data["state"] for event in events if event.kind == "state"]

    def kinds(self, retrain_id: str) -> list[str]:
        with self.library.database.reading() as connection:
            return [event.kind for event in RetrainEventRecords(connection).after(retrain_id, 0, limit=1000)]

    def cancel(self, retrain_id: str) -> None:
        """What the route does."""
        with self.library.database.writing() as connection:
            assert RetrainRecords(connection).move(
                retrain_id, to=RetrainState.CANCELLED, from_=list(RetrainState), at=self.now
            )

    def tell(self, retrain_id: str, *events: dict[str, Any]) -> None:
        """Write events as a job does."""
        lines = "".join(json.dumps({"at": self.now.isoformat(), **event}) + "\n" for event in events)
        self.library.blobs.put(f"retrains/{retrain_id}/events.jsonl", lines.encode())

    def finish(self, retrain_id: str, outcome: str = "promote", **more: object) -> None:
        """End the job as one that has a verdict ends."""
        verdict = {"format": 1, "outcome": outcome, "reason": "Reads 90 % instead of 10 %.", **more}
        self.library.blobs.put(f"retrains/{retrain_id}/verdict.json", json.dumps(verdict).encode())
        manifest = {
            "version": f"tuned-{retrain_id[-8:]}",
            "metrics": {"exact": 90.0},
            "created": "2026-11-24T12:00:00Z",
        }
        self.library.blobs.put(f"retrains/{retrain_id}/candidate/manifest.json", json.dumps(manifest).encode())
        self.end(retrain_id, JobState.SUCCEEDED)

    def end(self, retrain_id: str, state: JobState) -> None:
        self.jobs.states[self.row(retrain_id).job_id or ""] = state

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def until(self, retrain_id: str, state: RetrainState, *, steps: int = 5) -> RetrainRow:
        """Step until a retrain stands there."""
        for _ in range(steps):
            if self.row(retrain_id).state is state:
                break
            self.runner.step()
        row = self.row(retrain_id)
        assert row.state is state, (row.state, row.reason)
        return row


@pytest.fixture
def world(library: ModelLibrary, first: Path, tmp_path: Path) -> World:
    library.register_shipped(first)
    return World(library, str(tmp_path / "blobs"))
