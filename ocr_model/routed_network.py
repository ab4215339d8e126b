"""A general network and an expert beside it, of which each image is read by one.

What an expert is taught cannot make the general network forget anything, since it is not touched (sparsely gated
experts; Shazeer et al., 2017, arXiv:1701.06538, with a gate for whole images and no mean of two answers).
"""

import torch
from torch import Tensor, nn

from ocr_model.network import Recogniser
from ocr_model.network_config import TIME_STEPS, NetworkConfig
from ocr_model.router import Router

ABSENT = -1e4
"""Log-probability of a class that the general network does not know: zero, and still a number."""


class RoutedRecogniser(nn.Module):
    """Pictures in, log-probabilities out, as of a `Recogniser`; which network gave them is not told.

    Args:
        general: reads what the router leaves it.
        expert: of the same sizes; may know further classes, after those of ``general``.
        router: scores images; above 0 the expert reads them.
    """

    def __init__(self, general: Recogniser, expert: Recogniser, router: Router) -> None:
        super().__init__()
        if general.config != expert.config or general.classes > expert.classes:
            raise ValueError("an expert is of the general network's sizes and knows all its classes")
        self.general = general
        self.expert = expert
        self.router = router

    @classmethod
    def empty(cls, config: NetworkConfig, *, general_classes: int, classes: int) -> "RoutedRecogniser":
        """Make one to load weights into."""
        return cls(Recogniser(general_classes, config), Recogniser(classes, config), Router(config.stem_channels))

    @property
    def config(self) -> NetworkConfig:
        """Sizes of each of the two networks."""
        return self.expert.config

    @property
    def classes(self) -> int:
        """Classes, the blank included."""
        return self.expert.classes

    def forward(self, images: Tensor) -> Tensor:
        """Give float32 (N, 40, classes) log-probabilities of uint8 (N, 48, 160, 3) RGB."""
        taught = (self.router(images) > 0).cpu()
        log_probs = torch.full((len(images), TIME_STEPS, self.classes), ABSENT)
        if taught.any():
            log_probs[taught] = self.expert(images[taught]).cpu()
        if not taught.all():
            log_probs[~taught, :, : self.general.classes] = self.general(images[~taught]).cpu()
        return log_probs
