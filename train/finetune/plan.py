"""What the driver of a retrain has decided before its workers start: ``plan.json``, beside their states."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from train.finetune.recipe import Recipe
from train.finetune.request import RetrainRequest
from train.finetune.store import Folder

PLAN_FILE = "plan.json"
TEMP = "temp"
CANDIDATE = "candidate"


class Plan(BaseModel):
    """Which examples are trained on, which are held out, and which characters the network is to know."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    charset: str = Field(min_length=1, description="Characters of the candidate, the serving model's first.")
    train: list[int] = Field(min_length=1, description="Indices, among those posted, that are trained on.")
    held_out: list[int] = Field(min_length=1, description="Indices, among those posted, that are held out.")
    remembered: list[list[int]] = Field(
        default=[], description="Indices of the examples gone over again, for each dataset of the request in turn."
    )
    seed: int = Field(ge=0, description="Of everything that is left to chance.")


class Retrain(NamedTuple):
    """A retrain, as it crosses to its workers.

    Attributes:
        place: path or URI of its folder.
        request: what was asked for.
        recipe: how it trains.
    """

    place: str
    request: RetrainRequest
    recipe: Recipe = Recipe()

    @property
    def folder(self) -> Folder:
        """The retrain's folder."""
        return Folder.at(self.place)

    @property
    def temp(self) -> Folder:
        """The part of the folder that is removed at the end."""
        return self.folder.child(TEMP)

    @property
    def scratch(self) -> Path:
        """A local folder for states and pixels: of the retrain's own folder, where that is local.

        Where it is not, another attempt on the same machine still finds what this one left.
        """
        local = self.temp.local
        if local is not None:
            return local
        return Path(tempfile.gettempdir()) / f"glyphserve-retrain-{self.request.retrain_id}"
