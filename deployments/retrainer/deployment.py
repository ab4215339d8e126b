"""The retrainer deployment: one restartable replica that owns the queue of retrains and every rollout."""

import asyncio
import logging
import threading
from functools import partial
from pathlib import Path
from typing import Any

from ray.serve.handle import DeploymentHandle

from deployments.logs import configure_logging
from deployments.metrics.catalogue import CORRECTIONS, CORRECTIONS_EXACT, RETRAINS, ROLLOUT_SECONDS, ROLLOUTS
from deployments.metrics.meter import RayMeter
from deployments.metrics.records_gauges import RecordsGauges
from deployments.replica_sockets import listen_on_loopback
from deployments.retrainer.jobs import RayJobs
from deployments.retrainer.runner import RetrainRunner
from deployments.rollout.library import ModelLibrary
from deployments.rollout.own_thread import in_own_thread
from deployments.rollout.replicas import HandleReplicas
from deployments.rollout.report import ActivationReport
from deployments.rollout.rollout import Rollout
from deployments.settings.service import ServiceSettings
from ocr_model.errors import GlyphserveError

logger = logging.getLogger(__name__)

_PATIENCE_S = 5.0
"""How long to wait after records, blobs or cluster did not answer."""


class Retrainer:
    """Takes retrains from queue to replicas, and versions to replicas when a person says so.

    Its memory is the records: it may be killed at any time, and goes on where they say it was.

    Args:
        settings: the service's settings.
        recognizer: handle of the deployment that reads images.
        shipped: folder of the model that came with the package.

    Raises:
        CheckpointError: the shipped model is missing or altered.
        StorageError: records or blobs cannot be reached; the replica does not start.
    """

    def __init__(self, *, settings: ServiceSettings, recognizer: DeploymentHandle[Any], shipped: Path) -> None:
        configure_logging(settings.log_level)
        listen_on_loopback()
        meter = RayMeter(RETRAINS, CORRECTIONS, CORRECTIONS_EXACT, ROLLOUTS, ROLLOUT_SECONDS)
        library = ModelLibrary.open(settings.storage)
        library.register_shipped(shipped)
        self._poll_s = settings.training.poll_s
        self._gauges = RecordsGauges(library.database, meter)
        replicas = HandleReplicas(recognizer, asyncio.get_running_loop())
        self._rollout = Rollout(library, replicas, settings.rollout, meter=meter)
        self._runner = RetrainRunner(
            library,
            blobs_uri=settings.storage.resolved_blobs_uri,
            jobs=RayJobs(),
            rollout=self._rollout,
            settings=settings.training,
        )
        self._thread = threading.Thread(target=self._run, name="retrains", daemon=True)
        self._thread.start()

    async def activate(self, version: str, reason: str) -> ActivationReport:
        """Serve a version everywhere; see `Rollout.to`."""
        return await in_own_thread(partial(self._rollout.to, version, reason=reason))

    def check_health(self) -> None:
        """Raise when the thread that works on the queue has ended: Serve then replaces this replica."""
        if not self._thread.is_alive():
            raise RuntimeError("the retrainer's thread has ended")

    def _run(self) -> None:
        pause = threading.Event()
        tidied = False
        said = ""
        while True:
            wait_s = self._poll_s
            try:
                if not tidied:
                    self._runner.tidy()
                    tidied = True
                self._gauges.tell()
                self._runner.step()
                said = ""
            except GlyphserveError as e:
                # The store or the cluster is away; it is told once, and comes back without us.
                if str(e) != said:
                    logger.warning("retrains wait: %s", e)
                said, wait_s = str(e), _PATIENCE_S
            pause.wait(wait_s)
