"""The weights that the project ships."""

from pathlib import Path

from ocr_model.errors import CheckpointError
from ocr_model.manifest import MANIFEST_FILE

_BASE = Path(__file__).parent / "base"


def base_folder() -> Path:
    """Find the model folder of the shipped base model.

    Raises:
        CheckpointError: this installation has none.
    """
    if not (_BASE / MANIFEST_FILE).is_file():
        raise CheckpointError(
            "The base model is not part of this installation. Install the project again from a whole "
            "checkout, train one with `make pretrain`, or set the model folder in the settings."
        )
    return _BASE
