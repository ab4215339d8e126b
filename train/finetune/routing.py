"""Fitting a router: a logistic regression that tells the taught images from drawn ones by their texture.

The texture of a kind of image is told from that of all drawn styles by a few dozen examples, since nothing but one
linear layer is learnt. What an expert was taught then reaches no other images.
"""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own abbreviation
from numpy.typing import NDArray
from torch import Tensor

from ocr_model.network import Recogniser
from ocr_model.router import Router
from train.augment import augment, jiggle
from train.validation import in_chunks

_AT_LEAST, _AT_MOST = 600, 2000
"""Pictures of the taught kinds: made from fewer, or chosen from more."""

_DECAY = 1e-3
_ITERATIONS = 200
_MISSED = 0.05
"""Share of the held-out pictures that may be left to the general network where the line alone would leave more."""

_EDGE = 1e-3
"""By which the line is moved beyond the last of them: its like score alike, but for rounding."""

_SMALLEST_SPREAD = 1e-4


def fit_router(
    general: Recogniser,
    *,
    taught: NDArray[np.uint8],
    others: NDArray[np.uint8],
    held_out: NDArray[np.uint8],
    seed: int,
) -> Router:
    """Fit a router that sends images like ``taught`` to the expert and images like ``others`` elsewhere.

    Args:
        general: the network whose first layer it sees through.
        taught: uint8 (N, 48, 160, 3), N at least 1; of all kinds that the expert learns.
        others: drawn images likewise.
        held_out: posted ones that were not trained on; the line between the two is moved until nearly all lie on
            their side. Their labels are not looked at.
        seed: of chance.
    """
    router = Router.seeing_as(general.stem)
    with torch.no_grad():
        inside = in_chunks(router.features, _varied(taught, np.random.default_rng([seed, 3])))
        outside = in_chunks(router.features, others)
    features = torch.cat([inside, outside])
    mean, spread = features.mean(0), features.std(0) + _SMALLEST_SPREAD
    weight, bias = _logistic((inside - mean) / spread, (outside - mean) / spread)
    with torch.no_grad():
        router.weigh.weight.copy_((weight / spread)[None])
        router.weigh.bias.copy_(bias - (weight * mean / spread).sum())
        scores = in_chunks(router, held_out)
        router.weigh.bias.sub_(min(0.0, float(scores.quantile(_MISSED)) - _EDGE))
    return router


@torch.inference_mode()
def sent_to_expert(router: Router, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Tell of each of uint8 (N, 48, 160, 3) whether the expert reads it."""
    taught: NDArray[np.bool_] = (in_chunks(router, images) > 0).numpy()
    return taught


def _varied(taught: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Give the taught pictures, and varied ones of each where they are few."""
    if len(taught) > _AT_MOST:
        taught = taught[np.sort(rng.permutation(len(taught))[:_AT_MOST])]
    pictures = [taught]
    while sum(map(len, pictures)) < _AT_LEAST:
        pictures.append(augment(np.stack([jiggle(pixels, rng) for pixels in taught]), rng))
    return np.concatenate(pictures)


def _logistic(inside: Tensor, outside: Tensor) -> tuple[Tensor, Tensor]:
    """Fit weights (F,) and a bias (1,) by L-BFGS; both sides count alike, however many each has."""
    weight = torch.zeros(inside.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=_ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        solver.zero_grad()
        missed = F.softplus(-(inside @ weight + bias)).mean() + F.softplus(outside @ weight + bias).mean()
        value: Tensor = missed / 2 + _DECAY * weight.square().sum() / 2
        value.backward()  # type: ignore[no-untyped-call]
        return value

    solver.step(loss)  # type: ignore[no-untyped-call]
    return weight.detach(), bias.detach()
