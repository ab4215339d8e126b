"""The recogniser: a residual convolutional backbone, a bidirectional LSTM, CTC classes.

The design is CRNN's (Shi et al., 2015, arXiv:1507.05717) with the residual blocks of ResNet
(He et al., 2015, arXiv:1512.03385); the loss it is made for is CTC (Graves et al., 2006).
"""

import torch
from torch import Tensor, nn

from ocr_model.charset import BLANK_INDEX
from ocr_model.network_config import NetworkConfig
from ocr_model.normalise import INPUT

_WIDTH_STRIDES = (2, 1, 1)

__all__ = ["NetworkConfig", "Recogniser"]


class _Residual(nn.Module):
    """Two 3x3 convolutions beside a shortcut; the first may stride."""

    def __init__(self, inputs: int, outputs: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if stride != (1, 1) or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.first_norm(self.first(x)))
        y = self.second_norm(self.second(y))
        return torch.relu(y + self.shortcut(x))


class Recogniser(nn.Module):
    """Pictures in, log-probabilities of CTC classes per column out.

    Args:
        classes: number of classes, the blank (index 0) included.
        config: sizes of the layers.
    """

    def __init__(self, classes: int, config: NetworkConfig | None = None) -> None:
        super().__init__()
        self.config = config or NetworkConfig()
        self.classes = classes
        channels = self.config.stem_channels
        self.stem = nn.Sequential(
            nn.Conv2d(INPUT.channels, channels, 3, 2, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
        )
        stages: list[nn.Module] = [_Residual(channels, channels, (1, 1)) for _ in range(self.config.stem_blocks)]
        for outputs, blocks, width_stride in zip(
            self.config.stage_channels, self.config.stage_blocks, _WIDTH_STRIDES, strict=True
        ):
            for block in range(blocks):
                stages.append(_Residual(channels, outputs, (1, 1) if block else (2, width_stride)))
                channels = outputs
        self.stages = nn.Sequential(*stages)
        hidden = self.config.hidden
        rows = INPUT.height // 16
        self.columns = nn.Sequential(
            nn.Conv2d(channels, 2 * hidden, (rows, 1), bias=False), nn.BatchNorm2d(2 * hidden), nn.ReLU()
        )
        self.sequence = nn.LSTM(2 * hidden, hidden, self.config.rnn_layers, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(self.config.dropout)
        self.classify = nn.Linear(2 * hidden, classes)
        self._initialise()

    def _initialise(self) -> None:
        """Start near even odds, blank a little below: CTC's all-blank plateau is left sooner."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(module, _Residual):
                nn.init.constant_(module.second_norm.weight, 0.2)
        nn.init.normal_(self.classify.weight, std=0.01)
        nn.init.zeros_(self.classify.bias)
        with torch.no_grad():
            self.classify.bias[BLANK_INDEX] = -1.0

    def forward(self, images: Tensor) -> Tensor:
        """Read pictures.

        Args:
            images: uint8 (N, 48, 160, 3) RGB.

        Returns:
            float32 (N, 40, classes) log-probabilities; each column sums to one when exponentiated.
        """
        x = self.classify(self.dropout(self.features(images)))
        return torch.log_softmax(x.float(), dim=-1)

    def features(self, images: Tensor) -> Tensor:
        """Give what the output layer reads: (N, 40, 2 * hidden) of uint8 (N, 48, 160, 3) RGB."""
        x = images.permute(0, 3, 1, 2).to(torch.float32) * (1 / 127.5) - 1.0
        x = self.columns(self.stages(self.stem(x)))
        x = x.squeeze(2).transpose(1, 2)
        # Past the LSTM as well as through it: shapes reach the classes long before it has learnt.
        context, _ = self.sequence(x)
        joined: Tensor = x + context
        return joined
