"""Where a watched job stands, put together from its events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from deployments.retrain_state import RetrainState

_SHOWN = {
    RetrainState.QUEUED: "queued",
    RetrainState.RUNNING: "training",
    RetrainState.EVALUATING: "evaluating",
    RetrainState.ROLLING_OUT: "rolling out",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a job after some of its events.

    Attributes:
        state: as the service calls it.
        waiting: whether it waits for a free CPU.
        epoch: the last one, if any.
        loss: in it.
        held_out_exact: percent of the held-out images that the candidate read exactly, last.
        progress: of the training, 0..1.
        left_s: seconds that the training still takes, as it believes.
    """

    state: str = RetrainState.QUEUED
    waiting: bool = False
    epoch: int | None = None
    loss: float | None = None
    held_out_exact: float | None = None
    progress: float = 0.0
    left_s: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether the job has ended."""
        return self.state in set(RetrainState) and RetrainState(self.state).is_final

    @property
    def headline(self) -> str:
        """State or phase, in a word or two."""
        if self.waiting and self.state == RetrainState.RUNNING:
            return "waiting for a free CPU"
        return _SHOWN.get(RetrainState(self.state), self.state) if self.state in set(RetrainState) else self.state

    @property
    def figures(self) -> str:
        """Epoch, loss, accuracy and time left, as far as they are known and matter now."""
        if self.state not in {RetrainState.RUNNING, RetrainState.EVALUATING}:
            return ""
        left = None if self.left_s is None or self.state != RetrainState.RUNNING else f"{self.left_s:.0f} s left"
        parts = [
            None if self.epoch is None else f"epoch {self.epoch}",
            None if self.loss is None else f"loss {self.loss:.3g}",
            None if self.held_out_exact is None else f"{self.held_out_exact:.1f} % exact",
            left,
        ]
        return ", ".join(part for part in parts if part)

    def after(self, kind: str, data: Mapping[str, Any]) -> "Standing":
        """The standing after one more event; what it does not tell stays as it was."""
        if kind == "state":
            state = str(data.get("state", self.state))
            return replace(self, state=state, waiting=False, progress=1.0 if state != "running" else self.progress)
        if kind == "waiting":
            return replace(self, waiting=True)
        if kind != "epoch":
            return self
        return replace(
            self,
            waiting=False,
            epoch=_whole(data.get("epoch"), self.epoch),
            loss=_number(data.get("loss"), self.loss),
            held_out_exact=_number(data.get("held_out_exact"), self.held_out_exact),
            progress=_number(data.get("progress"), self.progress) or 0.0,
            left_s=_number(data.get("left_s"), self.left_s),
        )


def _number(value: object, otherwise: float | None) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else otherwise


def _whole(value: object, otherwise: int | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
