"""What clients receive: the documented shape of every answer."""

from datetime import datetime

from pydantic import BaseModel, Field

EXAMPLE_ID = "01a2026398677148aa61e8e68610cfb1"


class ReadContent(BaseModel):
    """Three lists of one length, index by index the same image, in the order obtained."""

    list_id: list[str] = Field(default=[], description="Id of each recognition.", examples=[[EXAMPLE_ID]])
    list_label: list[str] = Field(default=[], description="What each image says.", examples=[["4207"]])
    list_path: list[str] = Field(
        default=[], description="Path under which each image is served.", examples=[[f"/images/{EXAMPLE_ID}"]]
    )
    list_confidence: list[float] | None = Field(
        default=None, description="Probability (0..1) that the label is right; with ?details=true."
    )
    list_model_version: list[str] | None = Field(
        default=None, description="Version of the model that read each image; with ?details=true."
    )


class Answer(BaseModel):
    """The shape of every answer's envelope."""

    message: str = Field(default="", description='"" on success, else one of the status messages.')
    error: str = Field(default="", description='"" or one sentence on what was wrong with which field.')


class ReadAnswer(Answer):
    """Answer of the two reading routes."""

    content: ReadContent = ReadContent()


class RetrainAnswer(Answer):
    """Answer of /captcha_retrain_model; the Location header names the job."""


class Recognition(BaseModel):
    """One image that was read."""

    id: str = Field(description="Id; newer ones sort after older ones.")
    created_at: datetime = Field(description="When it was read (UTC).")
    source: str = Field(description='How the image came: "upload" or "url".')
    text: str = Field(description="What the model read.")
    confidence: float = Field(description="Probability (0..1) that the text is right.")
    character_confidences: list[float] = Field(description="The same for each character.")
    model_version: str = Field(description="Version of the model that read it.")
    corrected_text: str | None = Field(description="A person's correction, if any.")
    corrected_at: datetime | None = Field(description="When it was corrected (UTC).")
    image: str = Field(description="Path under which the image is served.")


class RecognitionPage(BaseModel):
    """Recognitions, newest first."""

    items: list[Recognition]
    next: str | None = Field(description="Value of `before` for the next page; null on the last.")


class Health(Answer):
    """Answer of the health routes."""

    model_version: str | None = Field(default=None, description="Version that one replica reads with.")
    generation: int | None = Field(default=None, description="Generation of the serving pointer it follows.")
    fault: str | None = Field(default=None, description="Why that replica cannot follow; empty when all is well.")
    waiting_images: int | None = Field(default=None, description="Images that wait in this ingress replica.")
