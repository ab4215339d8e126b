"""What clients send: one model a route, each field with its limits and an example."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

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


class RetrainBody(Body):
    """Body of POST /captcha_retrain_model."""

    list_images_base64: list[StrictStr] = Field(description="Image files in base64.", examples=[[EXAMPLE_IMAGE]])
    list_label: list[StrictStr | StrictInt | StrictFloat] = Field(
        description="What each image says, in the same order; numbers are taken as their decimal text.",
        examples=[[EXAMPLE_LABEL]],
    )
    debug: StrictBool = Field(default=False, description="Run a few steps and never roll out.")
