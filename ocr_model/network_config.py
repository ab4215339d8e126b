"""Sizes of the network, apart from torch: whoever only reads a manifest imports this."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

TIME_STEPS = 40
"""Columns of the output; a text of n characters needs up to 2 n - 1 of them."""


Channels = Annotated[int, Field(ge=16, le=1024)]


class NetworkConfig(BaseModel):
    """Sizes of a `Recogniser`; stored with its weights.

    Fewer than 16 channels are refused: with 4 or 8 of them, torch 2.13's channels-last
    convolutions were seen to corrupt memory in the backward pass (batches of 3 and 5, AVX-512).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    stem_channels: int = Field(default=32, ge=16, le=256, description="Channels of the first convolution.")
    stem_blocks: int = Field(
        default=0, ge=0, le=16, description="Residual blocks at the stem's 24 rows and 80 columns, before the stages."
    )
    stage_channels: tuple[Channels, Channels, Channels] = Field(
        default=(48, 96, 192), description="Channels of the stages at 12, 6 and 3 rows."
    )
    stage_blocks: tuple[int, int, int] = Field(default=(1, 1, 1), description="Residual blocks of each stage.")
    hidden: int = Field(default=128, ge=8, le=1024, description="Units of the LSTM in each direction.")
    rnn_layers: int = Field(default=1, ge=1, le=4, description="Stacked bidirectional LSTM layers.")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="Share of features dropped in training.")
