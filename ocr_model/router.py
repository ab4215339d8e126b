"""Which of two networks reads an image: told by its texture, before either has looked at it.

The correlations of a convolutional layer's channels over an image describe its style and little of what it
shows (Gatys et al., 2015, arXiv:1505.07376): the hand, the ground, the noise. One linear layer on those of the first
convolution tells images of a taught kind from others.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ocr_model.normalise import INPUT

_KERNEL, _STRIDE = 3, 2

__all__ = ["Router"]


class Router(nn.Module):
    """Scores images; above 0 they are of the kind that was taught.

    Args:
        channels: of its one convolution.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.look = nn.Conv2d(INPUT.channels, channels, _KERNEL, _STRIDE, padding=1)
        self.weigh = nn.Linear(channels * channels + channels, 1)

    @classmethod
    def seeing_as(cls, stem: nn.Sequential) -> "Router":
        """Make one that looks at images through a copy of a network's first convolution and norm; it weighs nothing."""
        first, norm = stem[0], stem[1]
        if not (isinstance(first, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)):
            raise TypeError("a stem begins with a convolution and its norm")
        router = cls(first.out_channels)
        router.look = fuse_conv_bn_eval(first.eval(), norm.eval())
        with torch.no_grad():
            nn.init.zeros_(router.weigh.weight)
            nn.init.zeros_(router.weigh.bias)
        return router.eval()

    def features(self, images: Tensor) -> Tensor:
        """Describe the texture of images.

        Args:
            images: uint8 (N, 48, 160, 3) RGB.

        Returns:
            float32 (N, channels * channels + channels): roots of the mean products of two channels, then means.
        """
        x = images.permute(0, 3, 1, 2).to(torch.float32) * (1 / 127.5) - 1.0
        x = torch.relu(self.look(x)).flatten(2)
        products = torch.matmul(x, x.transpose(1, 2)) * (1 / x.shape[2])
        return torch.cat([torch.sqrt(products).flatten(1), x.mean(2)], dim=1)

    def forward(self, images: Tensor) -> Tensor:
        """Give (N,) scores of uint8 (N, 48, 160, 3)."""
        scores: Tensor = self.weigh(self.features(images)).squeeze(1)
        return scores
