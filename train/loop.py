"""The training loop: the same on one process or several, for any stream of batches."""

import logging
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own abbreviation
from torch import Tensor, nn

from ocr_model.charset import BLANK_INDEX
from train.average import Average
from train.errors import DivergedError
from train.parallel import Share, agree
from train.precision import bfloat16_is_faster
from train.reporters import Reporter
from train.schedule import Pace, learning_rate
from train.settings import LoopSettings
from train.state import Position, load_state, newest_state, save_state
from train.stream import Batch

logger = logging.getLogger(__name__)

_HEAD = "classify."
_SCALE = "rate_scale"

CPU = torch.device("cpu")

Validate = Callable[[nn.Module], dict[str, float]]
"""Scores a network; gives measures by name."""


def ctc_losses(log_probs: Tensor, targets: Tensor, lengths: Tensor) -> Tensor:
    """CTC losses (N,), the texts' negative log-likelihoods; impossible alignments count as zero.

    Args:
        log_probs: float32 (N, T, classes), where the targets lie.
        targets: int64, the class indices of all texts: in a row (sum of lengths,), or a row each (N, longest).
        lengths: int64 (N,) on the CPU, characters of each text.
    """
    count, columns, _ = log_probs.shape
    return F.ctc_loss(
        log_probs.transpose(0, 1),
        targets,
        torch.full((count,), columns, dtype=torch.int64),
        lengths,
        blank=BLANK_INDEX,
        reduction="none",
        zero_infinity=True,
    )


def bounded(losses: Tensor, *, most: float) -> Tensor:
    """Bound losses: small ones stay nearly as they are, none exceeds ``most``, and what is beyond it hardly pulls.

    Generalised cross entropy (Zhang & Sabuncu, 2018, arXiv:1805.07836) of the texts' probabilities; its q is 1 / most.

    Args:
        losses: (N,) negative log-likelihoods, at least 0.
        most: in nats.
    """
    return -most * torch.expm1(-losses / most)


def make_optimiser(network: nn.Module, settings: LoopSettings) -> torch.optim.AdamW:
    """AdamW that decays matrices and kernels, not biases and norms."""
    options = settings.optimiser
    head = [p for name, p in network.named_parameters() if name.startswith(_HEAD) and options.head_scale != 1]
    rest = [p for p in network.parameters() if all(p is not other for other in head)]
    decayed = [p for p in rest if p.ndim > 1]
    plain = [p for p in rest if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": decayed, "weight_decay": options.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]
    if head:
        groups.append({"params": head, "weight_decay": 0.0, _SCALE: options.head_scale})
    return torch.optim.AdamW(groups, lr=options.learning_rate, fused=True)


class StopFlag:
    """Set by SIGTERM or SIGINT; the loop then saves and ends."""

    def __init__(self) -> None:
        self.wanted = False

    def listen(self) -> None:
        """Take over both signals of this process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.wanted = True


@dataclass
class _Tally:
    """Loss and speed since the last report."""

    loss: float = 0.0
    steps: int = 0
    since_s: float = 0.0


class Loop:
    """Trains a network from where the folder's newest state stands to the end of the schedule.

    Args:
        network: trained in place; the same weights on every worker.
        settings: the recipe.
        folder: of the states.
        reporter: takes loss and validation measures; called on every worker, with its own loss.
        validate: scores the averaged network; called on worker 0 alone.
        share: this worker's part of a data-parallel run.
        stop: ends the run early, after a checkpoint.
        device: where to train.
    """

    def __init__(
        self,
        network: nn.Module,
        settings: LoopSettings,
        *,
        folder: Path,
        reporter: Reporter,
        validate: Validate,
        share: Share | None = None,
        stop: StopFlag | None = None,
        device: torch.device = CPU,
    ) -> None:
        self.network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._device = device
        self.settings = settings
        self._bfloat16 = self._precision()
        self.average = Average(network, settings.optimiser.average_decay)
        self.position = Position()
        self._optimiser = make_optimiser(network, settings)
        self._folder = folder
        self._reporter = reporter
        self._validate = validate
        self._share = share or Share()
        self._stop = stop or StopFlag()
        self._state = newest_state(folder)
        if self._state is not None:
            self.position = load_state(
                self._state, network=network, average=self.average.network, optimiser=self._optimiser
            )
            logger.info("resuming at step %d", self.position.step)
        self._pace = Pace(settings, progress=self.position.progress)
        self._parallel = self._share.wrap(self.network)

    def run(self, batches: Callable[[int], Iterator[Batch]]) -> Position:
        """Train to the end, or until asked to stop; the last state is saved.

        Args:
            batches: gives the batches from a step on.

        Raises:
            DivergedError: loss or gradients are not finite; the last state on disk is good.
        """
        tally = _Tally(since_s=time.monotonic())
        last_s = time.monotonic()
        for batch in batches(self.position.step):
            progress, stopped = agree(
                self._share, self._pace.advance(self.position.step), stop=self._stop.wanted, device=self._device
            )
            if progress >= 1:
                self.position = replace(self.position, progress=progress)
            if stopped or progress >= 1:
                break
            tally.loss += self._step(batch, progress)
            tally.steps += 1
            now_s = time.monotonic()
            self.position = replace(
                self.position,
                step=self.position.step + 1,
                progress=progress,
                images=self.position.images + len(batch.images) * self._share.world,
                elapsed_s=self.position.elapsed_s + now_s - last_s,
            )
            last_s = now_s
            tally = self._after_step(tally)
        else:
            logger.info("the stream ended before the schedule")
        self._finish()
        return self.position

    def _precision(self) -> bool:
        """Whether to compute in bfloat16: as set, or as this machine is faster."""
        if self.settings.bfloat16 is not None:
            return self.settings.bfloat16
        faster = bfloat16_is_faster(self.network, self._device)
        logger.info("computing in %s, which is faster here", "bfloat16" if faster else "float32")
        return faster

    def _step(self, batch: Batch, progress: float) -> float:
        """Do one optimiser step and give its loss."""
        options = self.settings.optimiser
        step = self.position.step
        rate = learning_rate(options, step=step, progress=progress)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group.get(_SCALE, 1.0)
        # Dropout depends on seed, step and worker alone, so a resumed run repeats an unbroken one.
        torch.manual_seed(hash((self.settings.seed, step, self._share.rank)) & 0x7FFF_FFFF)
        self._parallel.train()
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bfloat16):
            log_probs = self._parallel(batch.images.to(self._device))
        # Where the targets lie, mostly the CPU: torch's GPU kernel is another, and not repeatable.
        losses = ctc_losses(log_probs.to(batch.targets.device), batch.targets, batch.lengths)
        counted = losses if self.settings.loss_bound is None else bounded(losses, most=self.settings.loss_bound)
        loss = (counted / batch.lengths.to(losses.device).clamp(min=1)).mean()
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), options.clip_norm)
        value = float(loss.detach())
        # The norm is the same on all workers, since their gradients are summed: all stop together.
        if not torch.isfinite(norm):
            raise DivergedError(
                f"Loss {value:.3g} or gradients are not finite at step {step}. "
                "The last saved state is good: resume from it with a lower learning rate."
            )
        self._optimiser.step()
        if batch.learned is not None:
            batch.learned(losses.detach())
        if self._share.rank == 0:
            self.average.update(self.network, step)
        return value

    def _after_step(self, tally: _Tally) -> _Tally:
        """Report, validate and save where it is time; gives the tally to go on with."""
        settings, step = self.settings, self.position.step
        if step % settings.report_every == 0:
            passed_s = max(1e-9, time.monotonic() - tally.since_s)
            images = tally.steps * settings.batch * self._share.world
            self._reporter.report(
                step,
                {
                    "loss": tally.loss / tally.steps,
                    "rate": self._optimiser.param_groups[0]["lr"],
                    "images_per_s": images / passed_s,
                    "progress": self.position.progress,
                },
            )
            tally = _Tally(since_s=time.monotonic())
        if step % settings.validate_every == 0:
            self._score()
        if step % settings.checkpoint_every == 0 and self._share.rank == 0:
            self._save()
        return tally

    def _score(self) -> None:
        """Validate on worker 0; all workers report, since some reporters wait for all."""
        metrics = self._validate(self.average.network) if self._share.rank == 0 else {}
        self.position = replace(self.position, metrics=metrics)
        self._reporter.report(self.position.step, metrics)

    def _save(self) -> None:
        save_state(
            self._folder,
            position=self.position,
            network=self.network,
            average=self.average.network,
            optimiser=self._optimiser,
        )

    def _finish(self) -> None:
        self._score()
        if self._share.rank == 0:
            self._save()
