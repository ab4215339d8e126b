"""What is handed to the archive, and what an image looks like when it comes back."""

from dataclasses import dataclass

from deployments.records import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecognition:
    """An image that was read and is to be kept.

    Attributes:
        image: its bytes as received.
        media_type: such as ``image/png``.
        request_id: the request that brought it.
        source: uploaded, or downloaded from a URL.
        text: what was read.
        confidence: of the whole text, 0..1.
        character_confidences: of each character, 0..1.
        model_version: who read it.

    Raises:
        ValueError: a text that no database can hold; alone here, it fails no other request's rows.
    """

    image: bytes
    media_type: str
    request_id: str
    source: Source
    text: str
    confidence: float
    character_confidences: tuple[float, ...]
    model_version: str

    def __post_init__(self) -> None:
        for value in (self.media_type, self.request_id, self.text, self.model_version):
            if "\0" in value:
                raise ValueError("a text to be stored holds a NUL character")
            value.encode()  # raises UnicodeEncodeError, a ValueError, for half a surrogate pair


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image as it was received.

    Attributes:
        data: its bytes.
        media_type: such as ``image/png``.
    """

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled image to learn from.

    Attributes:
        image: its bytes as received.
        label: the text it shows.
    """

    image: bytes
    label: str
