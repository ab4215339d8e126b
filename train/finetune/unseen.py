"""Characters that no posted label shows become less likely in the expert, as far as the labels speak against them.

A kind of image that is made of small letters and digits alone shows no capitals, however like them an `x` may look.
The network's own idea of how often each character comes is the drawn images' (all alike); the labels give another,
and the output layer's biases are where the two are exchanged
(label shift; Saerens et al., 2002, Neural Computation 14).
"""

import math
from collections.abc import Sequence

import torch

from ocr_model.charset import Charset
from ocr_model.network import Recogniser


def made_unlikely(network: Recogniser, general: Recogniser, charset: Charset, labels: Sequence[str]) -> None:
    """Lower the biases of characters that ``labels`` lack, in place; doing so twice changes nothing more.

    Args:
        network: the expert, of ``charset``.
        general: the network beside it, whose biases are the measure.
        charset: of ``network``; that of ``general`` is its beginning.
        labels: of all images that the expert learnt from.
    """
    shown = set("".join(labels))
    lower = _log_ratio(sum(map(len, labels)), characters=len(charset.characters))
    missing = [index for index, character in enumerate(charset.characters, start=1) if character not in shown]
    with torch.no_grad():
        for index in missing:
            if index < general.classes:
                most = general.classify.bias[index] + lower
                network.classify.bias[index] = torch.minimum(network.classify.bias[index], most)


def _log_ratio(count: int, *, characters: int) -> float:
    """How much less often than one of ``characters`` alike a character comes that ``count`` others did not show."""
    # Laplace's rule of succession: (0 + 1) / (count + characters), against 1 / characters.
    return math.log(characters / (count + characters))
