"""What `glyphserve eval` measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr_model.evaluation import Evaluation


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was measured.

    Attributes:
        version: of the model.
        folders: of the sets, by name.
        free: readings without `--own-charset`.
        own: the same with it; None if it was not asked for.
    """

    version: str
    folders: dict[str, Path]
    free: "dict[str, Evaluation]"
    own: "dict[str, Evaluation] | None"
