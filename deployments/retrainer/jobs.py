"""Training jobs on the cluster: Ray's Job API, reduced to what a retrain needs."""

import logging
import shlex
import sys
from enum import StrEnum
from functools import cached_property
from typing import Protocol

import ray
from ray.job_submission import JobStatus, JobSubmissionClient

from deployments.errors import TrainingNotStartedError

logger = logging.getLogger(__name__)

_PREFIX = "retrain-"
_NICE = "nice -n 19"
"""The driver evaluates on whichever node it runs; reading goes first."""

_LAST_WORDS = "error: "
"""How `train.job` begins the line that says why it failed."""

_KILLED = "its process was killed, as happens on a machine short of memory"
_KILLED_CODES = (-9, 137)

_ENDED = {JobStatus.SUCCEEDED: "succeeded", JobStatus.FAILED: "failed", JobStatus.STOPPED: "stopped"}


class JobState(StrEnum):
    """Where a training job stands, seen from outside."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    """The cluster does not know it: never submitted, or lost with the cluster that ran it."""


class TrainingJobs(Protocol):
    """Starts and watches processes that train. All calls block; TrainingNotStartedError: nobody to ask."""

    def submit(self, job_id: str, folder: str) -> None:
        """Start the job that works in ``folder``; submitting an id twice changes nothing."""

    def state(self, job_id: str) -> JobState:
        """Where it stands."""

    def last_words(self, job_id: str) -> str:
        """Why a job failed, in its own words if it had any; empty if nobody knows."""

    def stop(self, job_id: str) -> None:
        """End it; no error if it has ended."""

    def running(self) -> list[str]:
        """Ids of retrain jobs that have not ended."""


class RayJobs:
    """Training jobs as Ray Jobs.

    Each has a driver process of its own: Ray Train's placement groups live as long as the driver that made them,
    and a Serve replica lives too long for that.
    """

    def submit(self, job_id: str, folder: str) -> None:
        """Submit ``python -m train.job``."""
        if self.state(job_id) is not JobState.UNKNOWN:
            return
        command = f"{_NICE} {shlex.join([sys.executable, '-m', 'train.job', '--folder', folder])}"
        try:
            self._client.submit_job(entrypoint=command, submission_id=job_id)
        except (RuntimeError, OSError) as e:
            raise TrainingNotStartedError("Ray's Job API refused the job", 5) from e

    def state(self, job_id: str) -> JobState:
        """Ask the Job API."""
        try:
            status = self._client.get_job_status(job_id)
        except RuntimeError as e:
            if "does not exist" in str(e):
                return JobState.UNKNOWN
            raise TrainingNotStartedError("Ray's Job API does not answer", 5) from e
        except OSError as e:
            raise TrainingNotStartedError("Ray's Job API does not answer", 5) from e
        return JobState(_ENDED.get(status, "running"))

    def last_words(self, job_id: str) -> str:
        """Read the driver's log: nothing but what it means for people, since libraries print paths and worse."""
        try:
            lines = self._client.get_job_logs(job_id).splitlines()
            code = self._client.get_job_info(job_id).driver_exit_code
        except (RuntimeError, OSError):
            logger.warning("no log of job %s", job_id, exc_info=True)
            return ""
        told = next((line for line in reversed(lines) if line.startswith(_LAST_WORDS)), "")
        if told:
            return told.removeprefix(_LAST_WORDS).strip()
        return _KILLED if code in _KILLED_CODES else f"its process ended with exit code {code}"

    def stop(self, job_id: str) -> None:
        """Ask the Job API; it kills what does not end by itself."""
        try:
            self._client.stop_job(job_id)
        except (RuntimeError, OSError):
            logger.warning("job %s could not be stopped", job_id, exc_info=True)

    def running(self) -> list[str]:
        """List the Job API's jobs."""
        try:
            jobs = self._client.list_jobs()
        except (RuntimeError, OSError) as e:
            raise TrainingNotStartedError("Ray's Job API does not answer", 5) from e
        return [
            job.submission_id
            for job in jobs
            if job.submission_id and job.submission_id.startswith(_PREFIX) and job.status not in _ENDED
        ]

    @cached_property
    def _client(self) -> JobSubmissionClient:
        try:
            return JobSubmissionClient(ray.get_runtime_context().gcs_address)
        except (RuntimeError, OSError) as e:
            raise TrainingNotStartedError("Ray's Job API does not answer", 5) from e


def job_id(retrain_id: str, attempt: int) -> str:
    """The Ray submission id of one attempt at a retrain."""
    return f"{_PREFIX}{retrain_id}-{attempt}"


def retrain_of(job: str) -> str:
    """The retrain that a submission id belongs to."""
    return job.removeprefix(_PREFIX).rpartition("-")[0]
