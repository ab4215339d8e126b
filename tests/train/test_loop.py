from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own abbreviation
from torch import Tensor, nn

from ocr_model.charset import BASE_CHARSET, Charset
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.errors import DivergedError, TrainingError
from train.loop import Loop, StopFlag, bounded, ctc_losses
from train.settings import OptimiserSettings, PretrainSettings
from train.shards import draw_shard, write_shard
from train.state import newest_state
from train.stream import Batch, Stream
from train.validation import read_all


class Kept:
    """A reporter that keeps what it is told, and may ask for a stop."""

    def __init__(self, stop: StopFlag | None = None, stop_at: int = -1) -> None:
        self.reports: list[tuple[int, dict[str, float]]] = []
        self.stop = stop or StopFlag()
        self._stop_at = stop_at

    def report(self, step: int, metrics: Mapping[str, float]) -> None:
        self.reports.append((step, dict(metrics)))
        if step == self._stop_at:
            self.stop.wanted = True


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shards")
    for number in range(36):
        write_shard(folder, number, draw_shard(toy.draw, seed=1, number=number, images=16))
    return folder


def loop(folder: Path, settings: PretrainSettings, kept: Kept | None = None) -> Loop:
    kept = kept or Kept()
    torch.manual_seed(settings.seed)
    return Loop(
        Recogniser(Charset(BASE_CHARSET).size, settings.network),
        settings,
        folder=folder,
        reporter=kept,
        validate=lambda _: {"exact": 1.0},
        stop=kept.stop,
    )


class Endless(Stream):
    """A stream that keeps the shards it has used, so that tests can share them."""

    def __init__(self, folder: Path, settings: PretrainSettings) -> None:
        # Rank 1 of 2 removes nothing.
        super().__init__(folder=folder, data=settings.data, batch=8, seed=settings.seed, rank=1, world=2)


def test_the_loop_learns_two_characters(shards: Path, tmp_path: Path) -> None:
    settings = toy.settings(
        steps=150,
        checkpoint_every=1000,
        data=toy.settings().data.model_copy(update={"uses": 6}),
        optimiser=OptimiserSettings(learning_rate=3e-2, warm_up_steps=2, average_decay=0.9),
    )
    kept = Kept()
    trained = loop(tmp_path, settings, kept)
    trained.run(Endless(shards, settings).batches)
    losses = [metrics["loss"] for _, metrics in kept.reports if "loss" in metrics]
    assert losses[-1] < losses[0] / 10
    reads = read_all(trained.average.network, draw_shard(toy.draw, seed=2, number=0, images=20))
    assert sum(read.text == read.truth for read in reads) >= 18


def test_an_interrupted_run_ends_as_an_unbroken_one(shards: Path, tmp_path: Path) -> None:
    settings = toy.settings(steps=7, network=toy.TINY.model_copy(update={"dropout": 0.2}))
    whole = loop(tmp_path / "whole", settings)
    whole.run(Endless(shards, settings).batches)

    stop = StopFlag()
    first = loop(tmp_path / "broken", settings, Kept(stop, stop_at=3))
    assert first.run(Endless(shards, settings).batches).step == 3
    second = loop(tmp_path / "broken", settings)
    second.run(Endless(shards, settings).batches)

    assert replace(second.position, elapsed_s=0) == replace(whole.position, elapsed_s=0)
    for theirs, ours in (
        (whole.network, second.network),
        (whole.average.network, second.average.network),
    ):
        torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=0, atol=0)


def test_a_loss_that_is_not_finite_ends_the_run_and_keeps_the_last_state(shards: Path, tmp_path: Path) -> None:
    settings = toy.settings(steps=8)
    broken = loop(tmp_path, settings)

    def poisoned(step: int) -> Iterator[Batch]:
        for number, batch in enumerate(Endless(shards, settings).batches(step)):
            if number == 5:
                _poison(broken.network)
            yield batch

    with pytest.raises(DivergedError, match="at step 5"):
        broken.run(poisoned)
    state = newest_state(tmp_path)
    assert state is not None
    assert state.name == "step-00000004"
    resumed = loop(tmp_path, settings)
    assert all(torch.isfinite(t).all() for t in resumed.network.state_dict().values())


def _poison(network: nn.Module) -> None:
    parameter: Tensor = next(network.parameters())
    with torch.no_grad():
        parameter.fill_(torch.nan)


def test_the_loss_is_torch_s_mean_whether_texts_are_in_a_row_or_a_row_each() -> None:
    log_probs = torch.randn(3, 8, 5, generator=torch.Generator().manual_seed(1)).log_softmax(2)
    lengths = torch.tensor([2, 1, 3])
    rows = torch.tensor([[1, 2, 0], [3, 0, 0], [4, 4, 1]])
    in_a_row = torch.tensor([1, 2, 3, 4, 4, 1])
    expected = F.ctc_loss(log_probs.transpose(0, 1), in_a_row, torch.full((3,), 8), lengths)
    for targets in (rows, in_a_row):
        torch.testing.assert_close((ctc_losses(log_probs, targets, lengths) / lengths).mean(), expected)


def test_a_bounded_loss_counts_what_is_likely_and_hardly_what_is_hopeless() -> None:
    losses = torch.tensor([0.0, 0.1, 2.0, 50.0], requires_grad=True)
    counted = bounded(losses, most=10.0)
    torch.testing.assert_close(counted, torch.tensor([0.0, 0.0995, 1.8127, 9.9326]), rtol=0, atol=1e-4)
    (pull,) = torch.autograd.grad(counted.sum(), losses)
    torch.testing.assert_close(pull, torch.exp(-losses.detach() / 10), rtol=1e-5, atol=1e-6)


def test_the_loop_bounds_the_loss_of_a_text_and_tells_who_chose_it_the_whole(shards: Path, tmp_path: Path) -> None:
    told: list[Tensor] = []
    settings = toy.settings(steps=2, report_every=1, loss_bound=0.5)
    kept = Kept()

    def batches(step: int) -> Iterator[Batch]:
        for batch in Endless(shards, settings).batches(step):
            yield batch._replace(learned=told.append)

    loop(tmp_path, settings, kept).run(batches)
    losses = [metrics["loss"] for _, metrics in kept.reports if "loss" in metrics]
    assert losses
    assert all(0 < loss <= 0.5 for loss in losses)
    assert float(torch.cat(told).mean()) > 1


def test_whoever_chose_the_images_is_told_their_losses(shards: Path, tmp_path: Path) -> None:
    told: list[Tensor] = []

    settings = toy.settings(steps=3)

    def batches(step: int) -> Iterator[Batch]:
        for batch in Endless(shards, settings).batches(step):
            yield batch._replace(learned=told.append)

    loop(tmp_path, settings).run(batches)
    assert [losses.shape for losses in told] == [(8,)] * 3
    assert all((losses > 0).all() and not losses.requires_grad for losses in told)


def test_reports_name_loss_rate_speed_and_validation(shards: Path, tmp_path: Path) -> None:
    settings = toy.settings(steps=2, validate_every=2)
    kept = Kept()
    loop(tmp_path, settings, kept).run(Endless(shards, settings).batches)
    assert [(step, sorted(metrics)) for step, metrics in kept.reports] == [
        (1, ["images_per_s", "loss", "progress", "rate"]),
        (2, ["images_per_s", "loss", "progress", "rate"]),
        (2, ["exact"]),
        (2, ["exact"]),
    ]


def test_only_the_newest_states_are_kept(shards: Path, tmp_path: Path) -> None:
    settings = toy.settings(steps=5, checkpoint_every=1)
    loop(tmp_path, settings).run(Endless(shards, settings).batches)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000004", "step-00000005"]


@pytest.mark.parametrize("damage", ["cut tensors", "other network", "no JSON"])
def test_a_state_that_does_not_fit_is_an_error(shards: Path, tmp_path: Path, damage: str) -> None:
    settings = toy.settings(steps=1)
    loop(tmp_path, settings).run(Endless(shards, settings).batches)
    state = newest_state(tmp_path)
    assert state is not None
    if damage == "cut tensors":
        tensors = state / "state.safetensors"
        tensors.write_bytes(tensors.read_bytes()[:-50])
    elif damage == "other network":
        settings = toy.settings(steps=1, network=toy.TINY.model_copy(update={"hidden": 9}))
    else:
        (state / "state.json").write_text("{")
    with pytest.raises(TrainingError, match="cannot be resumed"):
        loop(tmp_path, settings)
