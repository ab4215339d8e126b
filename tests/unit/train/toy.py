"""A toy task: pictures with a dark block for each character, tall for "A" and short for "B"."""

import numpy as np

from ocr_model.network import NetworkConfig
from train.drawing import DrawNames
from train.settings import DataSettings, OptimiserSettings, PretrainSettings
from train.synth.sample import Sample

TINY = NetworkConfig(stem_channels=16, stage_channels=(16, 16, 16), hidden=8, dropout=0.0)

NAMES = DrawNames(full=f"{__name__}:draw", easy=f"{__name__}:draw")


def draw(rng: np.random.Generator) -> Sample:
    """Draw 1 or 2 different blocks on white; a double letter takes far longer to learn."""
    image = np.full((48, 160, 3), 255, dtype=np.uint8)
    image[::47, ::159] = 0  # dark corners: without them the white would be trimmed, and heights lost
    label = str(rng.choice(["A", "B", "AB", "BA"]))
    for i, character in enumerate(label):
        image[4 if character == "A" else 28 : 44, 20 + 70 * i : 60 + 70 * i] = 0
    return Sample(image=image, label=label, style=f"length-{len(label)}")


def draw_unknown(rng: np.random.Generator) -> Sample:
    """Draw a label that the base charset cannot write."""
    return Sample(image=draw(rng).image, label="ß", style="unknown")


def draw_failing(rng: np.random.Generator) -> Sample:
    """Fail half the time."""
    if rng.random() < 0.5:
        raise ValueError("no luck")
    return draw(rng)


def draw_never(rng: np.random.Generator) -> Sample:
    """Fail always."""
    raise ValueError("never")


def settings(*, steps: int = 8, **changes: object) -> PretrainSettings:
    """The recipe in miniature."""
    fields: dict[str, object] = {
        "seed": 7,
        "steps": steps,
        "batch": 8,
        "workers": 1,
        "bfloat16": False,
        "checkpoint_every": 4,
        "validate_every": 1000,
        "report_every": 1,
        "network": TINY,
        "optimiser": OptimiserSettings(learning_rate=1e-2, warm_up_steps=2, average_decay=0.9),
        "data": DataSettings(shard_images=16, uses=2, use_gap=1, augment=False, validation_images=4),
    }
    return PretrainSettings.model_validate(fields | changes)
