"""The same pretraining under Ray Train: several workers, other machines, by settings alone.

The run's folder must be seen by all workers. Ray Train (V2) takes a run name it has seen for a
resumption of its own; our states do that, so every start has a fresh name and Ray's own storage is
a folder of the run.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from ray import train as ray_train
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.torch import TorchConfig, TorchTrainer

from train.drawing import Counter, DrawingPool
from train.parallel import Share
from train.priority import give_way
from train.settings import PretrainSettings
from train.worker import Run, first_round, judge, train_share

CONTROLLER_FAILURES = 3
"""Ray's default is to try for ever, for instance when no CPU is free."""


class RayReporter:
    """Passes validations to the trainer; every worker reports, since Ray waits for all.

    Losses are not passed on: a report holds the worker until Ray's controller next looks, up to two seconds.
    """

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        """Report ``metrics`` with their step, unless they are a loss."""
        if "loss" in metrics:
            return
        ray_train.report({"step": step, **metrics})


class _Unshared:
    """The round in training, for workers beside whom nobody draws."""

    value = 0


def scaling(settings: PretrainSettings) -> ScalingConfig:
    """Tell Ray how many workers there are, and what each reserves."""
    return ScalingConfig(
        num_workers=settings.workers,
        resources_per_worker={"CPU": settings.threads},
        use_gpu=settings.device == "cuda",
    )


def fit_on_ray(run: Run) -> None:
    """Train ``run`` with as many Ray workers as its settings say; returns when they are done.

    Raises:
        ray.train.TrainingFailedError: a worker failed; the last state is good.
    """
    settings = run.settings
    trainer = TorchTrainer(
        _ray_worker,
        train_loop_config={"run": run},
        torch_config=TorchConfig(backend="nccl" if settings.device == "cuda" else "gloo"),
        scaling_config=scaling(settings),
        run_config=RunConfig(
            name=f"pretrain-{uuid4().hex[:12]}",
            storage_path=str(run.folder / "ray"),
            failure_config=FailureConfig(  # type: ignore[call-arg]  # mypy sees the class of Train V1
                max_failures=0, controller_failure_limit=CONTROLLER_FAILURES
            ),
        ),
    )
    trainer.fit()


def _ray_worker(config: dict[str, Any]) -> None:
    """Train one worker's share; worker 0 starts the drawing beside it."""
    give_way()
    run: Run = config["run"]
    context = ray_train.get_context()
    share = Share(context.get_world_rank(), context.get_world_size())
    with contextlib.ExitStack() as stack:
        current: Counter = _Unshared()
        watch: Callable[[], None] | None = None
        if share.rank == 0:
            pool = DrawingPool(
                folder=run.folder / "shards",
                names=run.names,
                seed=run.settings.seed,
                data=run.settings.data,
                first=first_round(run),
                judge=judge(run.settings),
            )
            current = stack.enter_context(pool).round
            watch = pool.check
        train_share(share, run, current=current, reporters=[RayReporter()], watch=watch)
