"""The output rows of new characters, fitted once more when all other weights are settled.

A retrain that is drawn back towards its parent (`train.finetune.blend`) moves the features under rows
that were learnt with it. With every other weight held as it is (classifier re-training; Kang et al., 2020,
arXiv:1910.09217) a step costs a hundredth of one through the whole network, since what the output layer
reads is computed once, and nothing else can be forgotten by it.
"""

import copy

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own abbreviation
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from ocr_model.charset import Charset
from ocr_model.network import Recogniser
from train.augment import augment
from train.finetune.examples import Examples
from train.loop import ctc_loss
from train.shards import Shard
from train.stream import in_a_row
from train.validation import in_chunks


class RowSettings(BaseModel):
    """How new rows are fitted; compared in ``docs/decisions/0009-fine-tuning-with-replay.md``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    steps: int = Field(default=2000, ge=1, description="Steps of the output layer alone.")
    rate: float = Field(default=2e-3, gt=0, description="Adam's rate at the start; it falls as half a cosine.")
    posted: int = Field(default=32, ge=1, description="Posted images of each step.")
    drawn: int = Field(default=160, ge=1, description="Drawn images of each step, which hold no new character.")
    posted_images: int = Field(default=1000, ge=1, description="Posted images, at most.")
    drawn_images: int = Field(
        default=3000,
        ge=1,
        description="Drawn ones: the more there are, the seldomer is a new character read in others.",
    )
    variants: int = Field(default=3, ge=1, description="Pictures made of each posted one, itself included.")


class NewRows:
    """Fits the rows of new characters to any network of one retrain.

    Args:
        posted: examples; those without a new character are left aside.
        drawn: drawn images, which hold none.
        charset: the new characters are its last ones.
        known: classes that are not new, the blank included.
        settings: how.
        seed: of order and variants.
    """

    def __init__(
        self, posted: Examples, drawn: Shard, charset: Charset, *, known: int, settings: RowSettings, seed: int
    ) -> None:
        texts = [charset.encode(label) for label in posted.labels]
        # Any of them, not the first: they may be sorted by what they show.
        order = np.random.default_rng([seed, 2]).permutation(len(texts)).tolist()
        rows = [row for row in order if max(texts[row]) >= known][: settings.posted_images]
        self._posted = posted.of(rows)
        self._posted_texts = [texts[row] for row in rows]
        self._shown = torch.tensor(sorted({index for row in rows for index in texts[row] if index >= known}))
        self._drawn = drawn
        self._drawn_texts = [charset.encode(label) for label in drawn.labels]
        self._settings = settings
        self._seed = seed

    def fitted(self, network: Recogniser) -> Recogniser:
        """Copy ``network`` with the rows fitted of new characters that are shown; all others are as they were."""
        network = copy.deepcopy(network).eval()
        if not self._posted_texts:
            return network
        with torch.no_grad():
            posted = torch.stack([in_chunks(network.features, pixels) for pixels in self._variants()])
            drawn = in_chunks(network.features, self._drawn.images)
        weight, bias = network.classify.weight.detach(), network.classify.bias.detach()
        rows, offsets = weight[self._shown].requires_grad_(), bias[self._shown].requires_grad_()
        adam = torch.optim.Adam([rows, offsets], lr=self._settings.rate)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, self._settings.steps)
        rng = np.random.default_rng([self._seed, 1])
        for _ in range(self._settings.steps):
            whole = weight.index_copy(0, self._shown, rows), bias.index_copy(0, self._shown, offsets)
            adam.zero_grad(set_to_none=True)
            self._loss(posted, drawn, whole, rng).backward()  # type: ignore[no-untyped-call]
            adam.step()
            falling.step()
        with torch.no_grad():
            weight[self._shown], bias[self._shown] = rows, offsets
        return network

    def _variants(self) -> list[NDArray[np.uint8]]:
        rng = np.random.default_rng([self._seed, 0])
        pixels = self._posted.pixels
        return [pixels, *(augment(pixels, rng) for _ in range(self._settings.variants - 1))]

    def _loss(self, posted: Tensor, drawn: Tensor, layer: tuple[Tensor, Tensor], rng: np.random.Generator) -> Tensor:
        """Give the CTC loss of one step's columns under an output layer of (weight, bias)."""
        own = rng.integers(len(self._posted_texts), size=self._settings.posted)
        others = rng.integers(len(self._drawn_texts), size=self._settings.drawn)
        variant = rng.integers(len(posted), size=self._settings.posted)
        columns = torch.cat([posted[variant, own], drawn[others]])
        texts = [self._posted_texts[row] for row in own] + [self._drawn_texts[row] for row in others]
        log_probs = torch.log_softmax(F.linear(columns, *layer), dim=-1)
        return ctc_loss(log_probs, *in_a_row(texts))
