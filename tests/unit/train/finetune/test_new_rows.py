import numpy as np
import pytest
import torch

from ocr_model.charset import Charset
from ocr_model.ctc import label_probability
from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.examples import Examples
from train.finetune.new_rows import NewRows, RowSettings
from train.shards import Shard, draw_shard
from train.validation import log_probabilities

KNOWN = Charset("AB")
WIDE = KNOWN.extended(["Γ", "Δ"])
GAMMA, DELTA = KNOWN.size, KNOWN.size + 1
SETTINGS = RowSettings(steps=150, rate=0.02, posted=8, drawn=8)


def middle_blocks(count: int, label: str) -> Examples:
    """Pictures of a low, wide block, which no drawn image shows."""
    pixels = np.full((count, 48, 160, 3), 255, dtype=np.uint8)
    for i in range(count):
        pixels[i, 18:28, 20 + 2 * i : 90 + 2 * i] = 0
    return Examples(pixels, [label] * count, list(range(count)))


@pytest.fixture
def drawn() -> Shard:
    return draw_shard(toy.draw, seed=1, number=0, images=16)


@pytest.fixture
def network() -> Recogniser:
    torch.manual_seed(3)
    return Recogniser(WIDE.size, toy.TINY).eval()


def probability(network: Recogniser, examples: Examples) -> float:
    columns = log_probabilities(network, examples.pixels)
    return float(np.mean([label_probability(c, WIDE, "Γ") for c in columns]))


def rows(posted: Examples, drawn: Shard) -> NewRows:
    return NewRows(posted, drawn, WIDE, known=KNOWN.size, settings=SETTINGS, seed=5)


@pytest.mark.slow
def test_new_characters_are_read_better_and_nothing_else_changes(network: Recogniser, drawn: Shard) -> None:
    posted = middle_blocks(12, "Γ")
    fitted = rows(posted, drawn).fitted(network)
    assert probability(fitted, posted) > 2 * probability(network, posted)
    ours, theirs = fitted.state_dict(), network.state_dict()
    for name in ("classify.weight", "classify.bias"):
        assert not torch.equal(ours[name][GAMMA], theirs[name][GAMMA])
        # Nothing shows a delta: its row would only learn to be silent.
        others = [*range(KNOWN.size), DELTA]
        ours[name], theirs[name] = ours[name][others], theirs[name][others]
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0)


def test_the_same_seed_gives_the_same_rows(network: Recogniser, drawn: Shard) -> None:
    once, again = (rows(middle_blocks(4, "Γ"), drawn).fitted(network) for _ in range(2))
    torch.testing.assert_close(once.state_dict(), again.state_dict(), rtol=0, atol=0)


def test_where_nothing_shows_a_new_character_all_stays_as_it_is(network: Recogniser, drawn: Shard) -> None:
    fitted = rows(middle_blocks(4, "A"), drawn).fitted(network)
    torch.testing.assert_close(fitted.state_dict(), network.state_dict(), rtol=0, atol=0)


def test_of_many_images_any_are_taken_not_the_first(network: Recogniser, drawn: Shard) -> None:
    gammas, deltas = middle_blocks(12, "Γ"), middle_blocks(12, "Δ")
    posted = Examples(np.concatenate([gammas.pixels, deltas.pixels]), gammas.labels + deltas.labels, list(range(24)))
    settings = SETTINGS.model_copy(update={"posted_images": 12})
    fitted = NewRows(posted, drawn, WIDE, known=KNOWN.size, settings=settings, seed=5).fitted(network)
    changed = (fitted.classify.bias != network.classify.bias).nonzero().flatten().tolist()
    assert changed == [GAMMA, DELTA]
