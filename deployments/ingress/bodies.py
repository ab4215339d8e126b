"""What clients send: one model a route, each field with its limits and an example."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

# A 96x36 picture of "4207", small enough to paste.
EXAMPLE_IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAGAAAAAkAQAAAABeKgLvAAAAqklEQVR42r2QOw6CQBRFz0wmSklrYhBLVwFrcSNQ2rkjg4kF"
    "yyBa2AIVGp1rMQTZgL7u5dyc9zHiW5ZfNvU74iwTg4Nq96Q6ASAtu1ZJpqPkULow2jbEYCGPXJlDCRYPeMpge5UArVKwmPmc"
    "gRGCpYcB8DlYHHRTrIErIWqp4TKRbsVhfkIM8SMseveZLzadJBusFf1IBinJbpIcMETFXgAuePKsXoP5068/fudF23y94xQA"
    "AAAASUVORK5CYII="
)
EXAMPLE_LABEL = "4207"


class Body(BaseModel):
    """A request body; fields it does not know are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Restriction(Body):
    """What the answer may look like; restricts the decoding of this request alone."""

    charset: Annotated[StrictStr, Field(max_length=4096)] | None = Field(
        default=None, description="Only these characters may appear in the answer.", examples=["0123456789"]
    )
    min_length: StrictInt | None = Field(default=None, description="Fewest characters of an answer.")
    max_length: StrictInt | None = Field(default=None, description="Most characters of an answer.")


class RecapImageBody(Restriction):
    """Body of POST /captcha_recap_image."""

    image_base64: StrictStr = Field(
        description=(
            "The image file in base64: standard or URL-safe alphabet, with or without padding, "
            "line breaks and a data:image/...;base64, prefix."
        ),
        examples=[EXAMPLE_IMAGE],
    )


class CaptchaImageBody(Restriction):
    """Body of POST /captcha_image."""

    session_id: StrictStr = Field(description="Sent as a cookie with every download.", examples=["4f1c9a2e7b"])
    image_url: StrictStr = Field(
        description="http or https URL that answers an image, a new one each time; put your own here.",
        examples=["https://captcha.example/new.png"],
    )
    time: StrictInt = Field(description="How many images to download, 1 or more.", examples=[3])


Label = StrictStr | StrictInt | StrictFloat
"""What an image says; numbers are taken as their decimal text."""


class RetrainBody(Body):
    """Body of POST /captcha_retrain_model."""

    list_images_base64: list[StrictStr] = Field(description="Image files in base64.", examples=[[EXAMPLE_IMAGE]])
    list_label: list[Label] = Field(
        description="What each image says, in the same order; numbers are taken as their decimal text.",
        examples=[[EXAMPLE_LABEL]],
    )
    debug: StrictBool = Field(default=False, description="Run a few steps and never roll out.")


class CorrectionsBody(Body):
    """Body of POST /v1/retrains; without one, all corrections are learnt from."""

    corrections: StrictBool = Field(default=True, description="Learn from the stored corrections.")
    since: AwareDatetime | None = Field(
        default=None,
        description="Only from corrections made at that time or later (ISO 8601 with a zone).",
        examples=["2026-11-24T08:00:00Z"],
    )
    list_images_base64: list[StrictStr] = Field(
        default=[], description="Further images in base64.", examples=[[EXAMPLE_IMAGE]]
    )
    list_label: list[Label] = Field(
        default=[],
        description="What each of them says, in the same order; numbers are taken as their decimal text.",
        examples=[[EXAMPLE_LABEL]],
    )
    debug: StrictBool = Field(default=False, description="Run a few steps and never roll out.", examples=[True])


class LabelBody(Body):
    """Body of PUT /v1/recognitions/{id}/label."""

    label: Label = Field(
        description="What the image says; a number is taken as its decimal text.", examples=[EXAMPLE_LABEL]
    )


class ActivateBody(Body):
    """Body of POST /v1/models/{version}/activate; may be left out."""

    reason: Annotated[StrictStr, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        default="", description="Why, kept with the serving pointer.", examples=["the new one misreads our 7s"]
    )
