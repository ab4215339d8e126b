"""Checks a retrain request whole before anything is stored: counts, images, labels."""

import math
import unicodedata
from collections.abc import Sequence

from deployments.archive import Example
from deployments.errors import RequestError
from deployments.ingress.base64_images import decode_base64_image
from deployments.ingress.bodies import Label
from deployments.settings.limits import LimitSettings
from deployments.status import STATUS_OF_FAULT, Status
from ocr_model.errors import ImageError
from ocr_model.images import decode_image


def checked_examples(images: Sequence[str], labels: Sequence[Label], limits: LimitSettings) -> list[Example]:
    """The examples of a retrain request, every image decoded once and every label clean.

    Decoding a large request takes seconds of CPU: call it off the event loop.

    Raises:
        RequestError: names the first fault, with the index of its example counted from 0.
    """
    _check_counts(len(images), len(labels), limits.examples)
    texts = [
        checked_label(label, field=f"list_label[{index}]", max_characters=limits.label_characters)
        for index, label in enumerate(labels)
    ]
    return [
        Example(image=_image(image, index, limits), label=text)
        for index, (image, text) in enumerate(zip(images, texts, strict=True))
    ]


def checked_label(label: Label, *, field: str, max_characters: int) -> str:
    """What a person says that an image shows, in Unicode's form NFC.

    Raises:
        RequestError: it is empty, too long, or holds what nobody can see; ``field`` names it.
    """
    text = unicodedata.normalize("NFC", label if isinstance(label, str) else _decimal_text(label, field))
    if not text.strip():
        raise RequestError(Status.EMPTY_LABELS, f"{field} is empty")
    if len(text) > max_characters:
        raise RequestError(Status.BAD_LABEL, f"{field} has {len(text)} characters, the limit is {max_characters}")
    # Cc, Cf, Cs, Co, Cn: control, format, surrogate, private and unassigned characters.
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise RequestError(Status.BAD_LABEL, f"{field} holds a control character")
    return text


def _check_counts(images: int, labels: int, limit: int) -> None:
    if not images:
        raise RequestError(Status.EMPTY_IMAGES, "list_images_base64 is empty")
    if not labels:
        raise RequestError(Status.EMPTY_LABELS, "list_label is empty")
    if max(images, labels) > limit:
        raise RequestError(Status.TOO_MANY_EXAMPLES, f"{max(images, labels)} examples were sent, the limit is {limit}")
    if images != labels:
        raise RequestError(Status.COUNTS_DIFFER, f"list_images_base64 has {images} entries, list_label has {labels}")


def _decimal_text(number: float, where: str) -> str:
    if isinstance(number, float) and not math.isfinite(number):
        raise RequestError(Status.BAD_LABEL, f"{where} is not a number")
    try:
        return str(number)
    except ValueError as e:  # an integer of more digits than Python prints
        raise RequestError(Status.BAD_LABEL, f"{where} has too many digits") from e


def _image(text: str, index: int, limits: LimitSettings) -> bytes:
    where = f"list_images_base64[{index}]"
    data = decode_base64_image(text, field=where, max_bytes=limits.image.max_bytes)
    try:
        decode_image(data, limits.image)
    except ImageError as e:
        raise RequestError(STATUS_OF_FAULT[e.fault], f"{where}: {e.detail}") from e
    return data
