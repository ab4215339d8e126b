"""Making room in a trained network for characters that it has not seen."""

import torch

from ocr_model.charset import Charset
from ocr_model.network import Recogniser

_NOISE = 0.1
"""Of the spread of the known characters' weights: enough to tell new ones apart."""


def grown(parent: Recogniser, known: Charset, wanted: Charset, *, seed: int) -> Recogniser:
    """Copy a network, with an output row more for each character of ``wanted`` beyond ``known``.

    The known characters' rows are copied as they are. A new row begins as their mean, a character
    like any other, with a little noise.

    Args:
        parent: left as it is.
        known: its charset.
        wanted: begins with the characters of ``known``.
        seed: of the noise.
    """
    network = Recogniser(wanted.size, parent.config)
    state = parent.state_dict()
    new = wanted.size - known.size
    if new:
        weight, bias = state["classify.weight"], state["classify.bias"]
        characters = weight[1:]
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(new, weight.shape[1], generator=generator) * characters.std() * _NOISE
        state["classify.weight"] = torch.cat([weight, characters.mean(0, keepdim=True) + noise])
        state["classify.bias"] = torch.cat([bias, bias[1:].mean().repeat(new)])
    network.load_state_dict(state)
    return network
