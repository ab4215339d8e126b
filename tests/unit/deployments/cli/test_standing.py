"""What a watcher is shown, event by event."""

import io

import pytest
from rich.console import Console

from deployments.cli.follow import shown
from deployments.cli.standing import Standing

EPOCH: dict[str, object] = {"epoch": 3, "loss": 0.25, "held_out_exact": 81.2, "progress": 0.4, "left_s": 90.4}


def after(*events: tuple[str, dict[str, object]]) -> Standing:
    standing = Standing()
    for kind, data in events:
        standing = standing.after(kind, data)
    return standing


@pytest.mark.parametrize(
    ("events", "headline", "figures"),
    [
        ([], "queued", ""),
        ([("state", {"state": "queued"})], "queued", ""),
        ([("state", {"state": "running"})], "training", ""),
        ([("state", {"state": "running"}), ("waiting", {})], "waiting for a free CPU", ""),
        (
            [("state", {"state": "running"}), ("waiting", {}), ("epoch", EPOCH)],
            "training",
            "epoch 3, loss 0.25, 81.2 % exact, 90 s left",
        ),
        (
            [("state", {"state": "running"}), ("epoch", EPOCH), ("state", {"state": "evaluating"})],
            "evaluating",
            "epoch 3, loss 0.25, 81.2 % exact",
        ),
        ([("epoch", EPOCH), ("state", {"state": "rolling out"})], "rolling out", ""),
        ([("state", {"state": "running"}), ("epoch", {"epoch": "x", "loss": None, "left_s": True})], "training", ""),
        ([("state", {"state": "running"}), ("epoch", {"epoch": 0, "loss": 2.5})], "training", "epoch 0, loss 2.5"),
        ([("state", {"state": "running"}), ("dataset", {"examples": 9})], "training", ""),
        ([("state", {"state": "of a later release"})], "of a later release", ""),
        ([("state", {"state": "failed", "reason": "so"})], "failed", ""),
    ],
)
def test_events_add_up(events: list[tuple[str, dict[str, object]]], headline: str, figures: str) -> None:
    standing = after(*events)
    assert (standing.headline, standing.figures) == (headline, figures)


def test_what_an_epoch_does_not_tell_stays() -> None:
    standing = after(("state", {"state": "running"}), ("epoch", EPOCH), ("epoch", {"epoch": 4, "loss": 0.2}))
    assert standing.figures == "epoch 4, loss 0.2, 81.2 % exact, 90 s left"
    assert standing.progress == 0.4


def test_somebody_who_looks_sees_a_bar() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100, color_system=None)
    with shown(console, 2) as show:
        show(after(("state", {"state": "queued"})))
        show(after(("state", {"state": "running"}), ("epoch", EPOCH)))
    assert "40%" in out.getvalue()
    assert "epoch 3, loss 0.25" in out.getvalue()


def test_a_log_gets_a_line_for_each_change() -> None:
    out = io.StringIO()
    with shown(Console(file=out, width=40), 2) as show:
        for _ in range(2):
            show(after(("state", {"state": "queued"})))
        show(after(("state", {"state": "running"}), ("epoch", EPOCH)))
    assert out.getvalue() == "queued behind 2\ntraining: epoch 3, loss 0.25, 81.2 % exact, 90 s left\n"
