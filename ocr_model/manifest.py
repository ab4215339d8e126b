"""What a model folder says of itself: ``manifest.json``, validated field by field."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from ocr_model.charset import Charset
from ocr_model.errors import CharsetError
from ocr_model.network_config import TIME_STEPS, NetworkConfig
from ocr_model.normalise import INPUT

FORMAT: Literal[1] = 1
"""Version of the folder's layout; raised when an older program could misread a newer folder."""

WEIGHTS_FILE: Final = "model.safetensors"
GRAPH_FILE = "model.onnx"
MANIFEST_FILE = "manifest.json"

_VERSION_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())


class FileDigest(_Model):
    """Size and hash of one file."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the content, in hex.")
    bytes: int = Field(ge=1, description="Size of the content, in bytes.")


class Lineage(_Model):
    """Where a model comes from."""

    parent: str | None = Field(
        default=None, description="Version of the model that training started from; none for a fresh one."
    )
    parent_sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="SHA-256 of that model's weights, in hex."
    )
    run: str | None = Field(default=None, description="Name of the training run or job.")
    steps: int = Field(default=0, ge=0, description="Optimiser steps of that run.")
    images: int = Field(default=0, ge=0, description="Images that the run trained on, repeats counted.")
    total_steps: int | None = Field(
        default=None, ge=0, description="Steps of that run and of all before it, as far as their manifests tell."
    )
    total_images: int | None = Field(default=None, ge=0, description="Images likewise.")
    seed: int = Field(default=0, ge=0, description="Seed of the run.")


def _charset_is_sound(characters: str) -> str:
    try:
        Charset(characters)
    except CharsetError as e:
        raise ValueError(str(e)) from e
    return characters


class Manifest(_Model):
    """All that is needed to use the files beside it, and what is known of them."""

    format: Literal[1] = Field(default=FORMAT, description="Version of the folder's layout.")
    version: str = Field(pattern=_VERSION_PATTERN, description="Name of the model version.")
    created: AwareDatetime = Field(description="When the folder was written, ISO 8601 with zone.")
    charset: Annotated[str, AfterValidator(_charset_is_sound)] = Field(
        description="Characters of classes 1, 2, ...; class 0 is the CTC blank."
    )
    network: NetworkConfig = Field(description="Sizes of the network's layers.")
    general_classes: int | None = Field(
        default=None,
        ge=2,
        description="Classes, the blank included, of the general network that reads what the expert was not taught; "
        "null where one network reads everything.",
    )
    input_shape: tuple[int, int, int] = Field(
        default=INPUT.shape, description="Height, width and channels of an input, uint8."
    )
    time_steps: int = Field(default=TIME_STEPS, ge=1, description="Columns of the output.")
    temperature: float = Field(
        default=1.0,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="What logits are divided by before probabilities are told; above 1 is less sure.",
    )
    expert_temperature: float | None = Field(
        default=None,
        gt=0,
        le=100,
        allow_inf_nan=False,
        description="The same for images that the expert reads, where there is one.",
    )
    precision: Literal["float32", "int8"] = Field(
        default="float32",
        description="What the graph's convolutions compute in; the weights beside it are always float32.",
    )
    calibration_images: int = Field(
        default=0, ge=0, description="Images whose activations gave an int8 graph its ranges; 0 for a float graph."
    )
    metrics: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = Field(
        default_factory=dict, description="Scores by name, as measured when the folder was written."
    )
    lineage: Lineage = Field(default=Lineage(), description="Where the model comes from.")
    files: dict[Literal["model.safetensors", "model.onnx"], FileDigest] = Field(
        min_length=2, description="Size and hash of each file beside the manifest."
    )

    @model_validator(mode="after")
    def _calibrated(self) -> "Manifest":
        if (self.precision == "int8") != (self.calibration_images > 0):
            raise ValueError("an int8 graph, and no other, has calibration images")
        return self

    @model_validator(mode="after")
    def _expert_is_whole(self) -> "Manifest":
        if (self.general_classes is None) != (self.expert_temperature is None):
            raise ValueError("a model with an expert, and no other, has its temperature")
        if self.general_classes is not None and self.general_classes > self.charset_object.size:
            raise ValueError("the general network knows characters that the charset lacks")
        return self

    @property
    def charset_object(self) -> Charset:
        """The charset as an object."""
        return Charset(self.charset)


def lineage_after(parent: Manifest | None, *, run: str, steps: int, images: int, seed: int) -> Lineage:
    """The lineage of what a run made out of ``parent``, or out of nothing."""
    if parent is None:
        return Lineage(run=run, steps=steps, images=images, total_steps=steps, total_images=images, seed=seed)
    before = parent.lineage
    return Lineage(
        parent=parent.version,
        parent_sha256=parent.files[WEIGHTS_FILE].sha256,
        run=run,
        steps=steps,
        images=images,
        # What was written before there were sums tells its own run's.
        total_steps=steps + (before.steps if before.total_steps is None else before.total_steps),
        total_images=images + (before.images if before.total_images is None else before.total_images),
        seed=seed,
    )


def version_name(prefix: str, created: datetime, weights_sha256: str) -> str:
    """Name a version, e.g. ``base-20261122-ab12cd34``: date and start of the weights' SHA-256."""
    return f"{prefix}-{created:%Y%m%d}-{weights_sha256[:8]}"
