"""Further looks at what was read with doubt: the image changed a little each time, and the likeliest of all texts.

A network that was seldom wrong on images like those it learnt from is unsure of others, and what it errs in hangs on
chance; several looks seldom err alike (test-time augmentation; Krizhevsky et al., 2012, section 4.1). Which looks, and
how much they bring, is measured in docs/decisions/0025-further-looks.md.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocr_model.charset import Charset
from ocr_model.constraint import Constraint
from ocr_model.ctc import told_probabilities
from ocr_model.joined import joined
from ocr_model.normalise import edge_colour
from ocr_model.reading import Reading
from ocr_model.session import Output


class Look(NamedTuple):
    """How an image is changed before it is read again, about its middle."""

    turned: float
    """Degrees against the clock."""

    wider: float
    """Factor of the width; beyond the image's own size nothing is seen."""

    taller: float
    """Factor of the height."""

    both_ends: bool = False
    """Whether what grew beyond the width is seen too: the left and the right end, each in a run of its own."""


FURTHER_LOOKS = (Look(turned=3, wider=1.07, taller=1.07), Look(turned=0, wider=1.3, taller=1.3, both_ends=True))
"""The second is for small text in much room, which the network reads worst of all that it never saw."""


def look_at(batch: NDArray[np.uint8], look: Look, run: Callable[[NDArray[np.uint8]], Output]) -> Output:
    """Give what a network says of images as a look sees them.

    Args:
        batch: (N, height, width, 3); what comes in at the corners is of the median colour of the edges.
        look: the change.
        run: the network.
    """
    if not look.both_ends:
        return run(seen(batch, look))
    aside = batch.shape[2] / 2 * (1 - 1 / look.wider)
    left, right = (run(seen(batch, look, aside=side)) for side in (-aside, aside))
    return joined(left, right, later=round(left.columns.shape[1] * (look.wider - 1)))


def seen(batch: NDArray[np.uint8], look: Look, *, aside: float = 0.0) -> NDArray[np.uint8]:
    """Give images as a look sees them, their middle or what lies ``aside`` pixels to the right of it."""
    return np.stack([_seen(pixels, look, aside) for pixels in batch])


def _seen(pixels: NDArray[np.uint8], look: Look, aside: float) -> NDArray[np.uint8]:
    height, width, _ = pixels.shape
    cosine, sine = math.cos(math.radians(look.turned)), math.sin(math.radians(look.turned))
    # From places in the result to places in the picture.
    across_x, across_y = cosine / look.wider, -sine / look.wider
    down_x, down_y = sine / look.taller, cosine / look.taller
    x, y = width / 2, height / 2
    left, top = cosine * aside - across_x * x - across_y * y, sine * aside - down_x * x - down_y * y
    matrix = (across_x, across_y, x + left, down_x, down_y, y + top)
    fill = tuple(edge_colour(pixels).tolist())
    image = Image.fromarray(pixels)
    return np.asarray(
        image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, fillcolor=fill)
    )


def likeliest(
    readings: Sequence[Sequence[Reading]],
    outputs: Sequence[Output],
    charset: Charset,
    constraints: Sequence[Constraint],
) -> list[Reading]:
    """Give, for each of N images, the text that all looks together hold the likeliest.

    Its confidence is the mean of what the looks say of it; its characters' are the mean of those of the looks that
    read it. A look that another network took than the first, since the router saw another image, does not count.

    Args:
        readings: by look, N each; the first are of the images as they are.
        outputs: what they were read from, N images each.
        charset: of the model.
        constraints: that the readings meet.
    """
    told = _told(readings, outputs, charset, constraints)
    alike = np.array([output.by_expert == outputs[0].by_expert for output in outputs])
    chosen = []
    for image, counted in enumerate(alike.T):
        by_look = [look[image] for look, counts in zip(readings, counted, strict=True) if counts]
        # By look and text: the mean over the looks is the confidence in a text.
        confidences = told[counted][:, counted, image].mean(axis=0).tolist()
        chosen.append(_together(by_look, confidences, looks=len(readings)))
    return chosen


def _told(
    readings: Sequence[Sequence[Reading]],
    outputs: Sequence[Output],
    charset: Charset,
    constraints: Sequence[Constraint],
) -> NDArray[np.float64]:
    """Tell what each look says of the text of each: (looks, looks, N)."""
    texts = [reading.text for look in readings for reading in look]
    looks, images = len(outputs), len(constraints)
    told = [
        # A look at both ends has more columns than the others.
        told_probabilities([*look.columns] * looks, texts, charset, [*constraints] * looks, look.temperatures * looks)
        for look in outputs
    ]
    return np.array(told).reshape(looks, looks, images)


def _together(by_look: Sequence[Reading], confidences: Sequence[float], *, looks: int) -> Reading:
    confidence, chosen = max(zip(confidences, by_look, strict=True), key=lambda each: each[0])
    characters = [each.character_confidences for each in by_look if each.text == chosen.text]
    return Reading(chosen.text, confidence, tuple(np.mean(characters, axis=0).tolist()), looks=looks)
