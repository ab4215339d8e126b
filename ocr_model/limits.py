"""How large an image may be before it is refused."""

from pydantic import BaseModel, ConfigDict, Field


class ImageLimits(BaseModel):
    """Bounds on one image, checked before its pixels are decoded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_bytes: int = Field(default=3 * 1024 * 1024, ge=1, le=1 << 30, description="Largest encoded image, in bytes.")
    max_pixels: int = Field(
        default=2_500_000, ge=1, le=80_000_000, description="Largest width times height, in pixels."
    )
    max_side: int = Field(default=8_192, ge=1, le=65_535, description="Largest width and largest height, in pixels.")
    min_side: int = Field(default=2, ge=1, le=1_024, description="Smallest width and smallest height, in pixels.")
    max_frames: int = Field(
        default=64, ge=1, le=1_024, description="Frames read of an animation; later ones are ignored."
    )
    max_animation_pixels: int = Field(
        default=2_000_000,
        ge=1,
        le=80_000_000,
        description="Pixels read of an animation, all frames together; later frames are ignored.",
    )
