"""Data-parallel workers on one machine.

Two processes of one thread each train twice as fast a CPU second as one process of two threads on
a shared machine: OpenMP's barriers wait, many times a layer, for whichever thread lost its core,
while these processes meet once a step.
"""

import logging
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import torch
import torch.distributed as dist
from torch import nn
from torch.multiprocessing.spawn import start_processes
from torch.nn.parallel import DistributedDataParallel

logger = logging.getLogger(__name__)

_PATIENCE = timedelta(hours=2)
"""Longer than any pause of one worker: a validation, or a person who stopped the run for a while."""

_WATCH_S = 1.0
"""How often the process that started the workers looks after what they depend on."""


class Share(NamedTuple):
    """One worker's place among all.

    Attributes:
        rank: from 0.
        world: number of workers.
    """

    rank: int = 0
    world: int = 1

    def wrap(self, network: nn.Module) -> nn.Module:
        """Make gradients the mean over all workers; with one worker, the network itself."""
        if self.world == 1:
            return network
        return DistributedDataParallel(network, gradient_as_bucket_view=True)


def agree(share: Share, progress: float, *, stop: bool, device: torch.device) -> tuple[float, bool]:
    """Take worker 0's progress, and stop when any worker wants to: else they would drift apart."""
    if share.world == 1:
        return progress, stop
    message = torch.tensor([progress if share.rank == 0 else 0.0, float(stop)], dtype=torch.float64, device=device)
    dist.all_reduce(message)
    return float(message[0]), bool(message[1] > 0)


def launch(work: Callable[..., None], world: int, *args: object, watch: Callable[[], None] = lambda: None) -> None:
    """Run ``work(share, *args)`` in ``world`` fresh processes and wait for all.

    SIGTERM and SIGINT are passed on to the workers, which save and end by themselves.

    Args:
        work: found by its module and name.
        world: number of processes.
        args: picklable.
        watch: called every second meanwhile; what it raises ends the processes and is raised here.

    Raises:
        torch.multiprocessing.ProcessRaisedException: a worker failed; the others are ended.
    """
    with tempfile.TemporaryDirectory(prefix="glyphserve-train-") as folder:
        context = start_processes(  # type: ignore[no-untyped-call]
            _worker,
            args=(work, world, str(Path(folder) / "meeting"), args),
            nprocs=world,
            join=False,
            start_method="spawn",
        )

        stopping = threading.Event()

        def pass_on(number: int, frame: FrameType | None) -> None:
            del number, frame
            stopping.set()
            for process in context.processes:
                process.terminate()

        before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not context.join(timeout=_WATCH_S):
                # Ctrl-C reaches every process of the terminal, and those that are watched may end before the workers.
                if not stopping.is_set():
                    watch()
        finally:
            # However this ended, by an interrupt too: Python waits at its exit for those that still run.
            for process in context.processes:
                process.kill()
                process.join()
            for number, handler in before.items():
                signal.signal(number, handler)


def _worker(rank: int, work: Callable[..., None], world: int, meeting: str, args: tuple[object, ...]) -> None:
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    if world > 1:
        dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=world, timeout=_PATIENCE)
    try:
        work(Share(rank, world), *args)
        if world > 1:
            # One that leaves while another still hears from it makes Gloo abort that other.
            dist.barrier()
    finally:
        if world > 1:
            dist.destroy_process_group()
