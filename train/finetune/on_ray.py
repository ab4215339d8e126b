"""A retrain's training under Ray Train: one worker or many, on CPUs or GPUs, by its request alone.

Ray Train (V2) takes a run name it has seen for a resumption of its own. Our states do that, so
every attempt has a fresh name.
"""

import os
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import ray
import torch
from ray import train as ray_train
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer, get_device
from ray.train.v2.api.exceptions import TrainingFailedError, WorkerGroupError
from ray.util.placement_group import placement_group, remove_placement_group

from train.errors import DeadlineError, TrainingError
from train.finetune.plan import Retrain
from train.finetune.request import RetrainRequest
from train.finetune.worker import fine_tune
from train.logs import configure_logging
from train.parallel import Share
from train.priority import give_way
from train.ray_entry import CONTROLLER_FAILURES

_PATIENCE_S = 3.0
"""Seconds without a free CPU after which the wait is told."""


_MOST_IDLE = 4
"""Threads, at most, of a worker that reserves less than a CPU: more would stand in the way of other workers."""


def wait_for_room(request: RetrainRequest, *, ends_s: float, waiting: Callable[[], None]) -> None:
    """Wait until the cluster has room for the workers.

    Ray Train itself would fail after a minute, try again, and say nothing of why.

    Args:
        request: what the workers reserve.
        ends_s: when to give up, by the monotonic clock.
        waiting: called once if there is no room at first.

    Raises:
        DeadlineError: there was no room until then.
    """
    group = placement_group([_resources(request)] * request.workers)
    try:
        if group.wait(_PATIENCE_S):
            return
        waiting()
        if not group.wait(max(0.0, ends_s - time.monotonic())):
            raise DeadlineError(
                f"No room for {request.workers} worker(s) of {request.cpus_per_worker:g} CPU and "
                f"{request.gpus_per_worker:g} GPU came free within {request.deadline_s:g} s."
            )
    finally:
        remove_placement_group(group)


def fit_on_ray(retrain: Retrain) -> None:
    """Train with as many Ray workers as the request says; returns when the candidate is there.

    Raises:
        TrainingError: a worker failed; the message is its own. Or a GPU is asked for and cannot be used.
    """
    request = retrain.request
    check_cuda(request, cuda=torch.version.cuda)
    storage = retrain.temp.child("ray")
    trainer = TorchTrainer(
        _ray_worker,
        train_loop_config={"retrain": retrain},
        torch_config=TorchConfig(backend="nccl" if request.gpus_per_worker else "gloo"),
        scaling_config=scaling(request),
        run_config=RunConfig(
            name=f"retrain-{request.retrain_id}-{uuid4().hex[:8]}",
            storage_path=storage.path,
            storage_filesystem=storage.filesystem,
            failure_config=FailureConfig(  # type: ignore[call-arg]  # mypy sees the class of Train V1
                max_failures=0, controller_failure_limit=CONTROLLER_FAILURES
            ),
        ),
    )
    try:
        trainer.fit()
    except WorkerGroupError as e:
        reason = next(iter(e.worker_failures.values()), e)
        raise TrainingError(f"A training worker failed: {_first_line(reason)}") from e
    except TrainingFailedError as e:
        raise TrainingError(f"Ray could not run the training: {_first_line(e)}") from e


def scaling(request: RetrainRequest) -> ScalingConfig:
    """What Ray Train is told to reserve."""
    return ScalingConfig(
        num_workers=request.workers,
        use_gpu=request.gpus_per_worker > 0,
        resources_per_worker=_resources(request),
    )


def check_cuda(request: RetrainRequest, *, cuda: str | None) -> None:
    """Refuse GPUs where torch was built without them, which Ray Train would tell in words of NCCL's.

    Args:
        request: what the workers reserve.
        cuda: version of CUDA that torch was built with, on this node as on the workers'.

    Raises:
        TrainingError: a GPU is asked for, and torch has no CUDA.
    """
    if request.gpus_per_worker and cuda is None:
        raise TrainingError(
            f"Training on a GPU was asked for, and torch {torch.__version__} has no CUDA: install a CUDA build of "
            "torch on every node, or set training.gpus_per_worker to 0."
        )


def _ray_worker(config: dict[str, Any]) -> None:
    """Train one worker's share, at the lowest priority.

    Nothing goes through ``ray.train.report``: it holds the worker until the controller next looks, up to two
    seconds, which cost four fifths of a short training. Progress is in the retrain's own events.
    """
    give_way()
    retrain: Retrain = config["retrain"]
    configure_logging(retrain_id=retrain.request.retrain_id, request_id=retrain.request.request_id)
    context = ray_train.get_context()
    device = get_device()
    fine_tune(
        Share(context.get_world_rank(), context.get_world_size()),
        retrain,
        reporters=[],
        device=device if isinstance(device, torch.device) else device[0],
        threads=threads(retrain.request.cpus_per_worker, processors=len(os.sched_getaffinity(0))),
    )


def threads(cpus: float, *, processors: int) -> int:
    """Say how many threads a worker trains with: as many as it reserves CPUs.

    One that reserves less than one lives on what serving leaves idle, at the lowest priority, and may take
    all of that: on two cores a step then takes 0.26 s instead of 0.46 s.

    Args:
        cpus: that the worker reserves.
        processors: of this machine.
    """
    return int(cpus) if cpus >= 1 else min(processors, _MOST_IDLE)


def _resources(request: RetrainRequest) -> dict[str, float]:
    resources = {"CPU": request.cpus_per_worker}
    return resources | {"GPU": request.gpus_per_worker} if request.gpus_per_worker else resources


def _first_line(error: BaseException) -> str:
    """Give an error's own words; Ray puts a worker's traceback before them."""
    cause = error.cause if isinstance(error, ray.exceptions.RayTaskError) else error
    lines = [line.strip() for line in str(cause).splitlines() if line.strip()]
    return lines[-1] if lines else type(cause).__name__
