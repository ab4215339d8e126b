"""How much one request may ask for."""

from pydantic import Field

from deployments.settings.base import SettingsModel
from ocr_model.limits import ImageLimits

MEBIBYTE = 1 << 20


class LimitSettings(SettingsModel):
    """Bounds on requests; whatever passes one is refused with a message that names it."""

    body_bytes: int = Field(
        default=8 * MEBIBYTE,
        ge=1024,
        le=256 * MEBIBYTE,
        description="Largest request body in bytes on every route but retraining.",
    )
    retrain_body_bytes: int = Field(
        default=256 * MEBIBYTE,
        ge=1024,
        le=2048 * MEBIBYTE,
        description="Largest request body in bytes of a retrain request; it is held in memory.",
    )
    requests_at_once: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Requests to read that one HAProxy of `glyphserve up` (it and its standby) has under way for each "
        "ingress replica; past it HAProxy itself tells 429.",
    )
    images_per_request: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Largest `time`: images that one /captcha_image request may download.",
    )
    session_characters: int = Field(default=4096, ge=1, le=65_536, description="Longest session_id in characters.")
    url_characters: int = Field(default=2048, ge=16, le=65_536, description="Longest image_url in characters.")
    examples: int = Field(
        default=100_000, ge=1, le=1_000_000, description="Most labelled images in one retrain request."
    )
    label_characters: int = Field(
        default=20, ge=1, le=20, description="Longest label in characters; the network can emit no more."
    )
    page_rows: int = Field(default=200, ge=1, le=1000, description="Most rows in one page of a listing.")
    image: ImageLimits = Field(default=ImageLimits(), description="Bounds on one image.")
