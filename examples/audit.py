"""How strong is the captcha that your own generator draws? Draw some, have them read, count what leaks.

python examples/audit.py [--images 50] [--url http://127.0.0.1:8000]

Put your generator in place of ``draw``. A captcha that is read one time in ten stops nobody who may try ten times;
characters that are nearly always read give an attacker most of the text.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from captcha.image import ImageCaptcha

from glyphserve.client import Client, Reading, Restriction, ServiceError

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 5


def draw(text: str) -> bytes:
    """The generator under audit: a PNG that shows ``text``."""
    return ImageCaptcha(width=200, height=70).generate(text).getvalue()


@dataclass(frozen=True)
class Audit:
    """What was drawn, and what was read from it, one by one."""

    texts: Sequence[str]
    readings: Sequence[Reading]

    @property
    def broken(self) -> float:
        """Share of the images that were read exactly, 0..1."""
        return sum(r.text == t for t, r in zip(self.texts, self.readings, strict=True)) / len(self.texts)

    def broken_at(self, confidence: float) -> tuple[float, float]:
        """Share of images read that surely or more surely, and how many of those were right, 0..1 each."""
        sure = [(t, r) for t, r in zip(self.texts, self.readings, strict=True) if r.confidence >= confidence]
        right = sum(r.text == t for t, r in sure)
        return len(sure) / len(self.texts), right / len(sure) if sure else 0.0

    def leaks(self) -> list[tuple[str, float, int]]:
        """Each character, how often it was read in its place (0..1) and how often drawn; the leakiest first.

        Only images whose length was read rightly tell places apart.
        """
        drawn: Counter[str] = Counter()
        read: Counter[str] = Counter()
        for text, reading in zip(self.texts, self.readings, strict=True):
            if len(reading.text) == len(text):
                drawn.update(text)
                read.update(a for a, b in zip(text, reading.text, strict=True) if a == b)
        return sorted(((c, read[c] / n, n) for c, n in drawn.items()), key=lambda row: (-row[1], row[0]))


def audit(client: Client, images: int, *, seed: int = 0) -> Audit:
    """Draw and have read; images that the service refuses stop the audit."""
    chance = random.Random(seed)
    texts = ["".join(chance.choices(ALPHABET, k=LENGTH)) for _ in range(images)]
    # Whoever attacks knows the alphabet and the length too.
    known = Restriction(charset=ALPHABET, min_length=LENGTH, max_length=LENGTH)
    readings = []
    for found in client.read_many((draw(text) for text in texts), known):
        if isinstance(found, ServiceError):
            raise found
        readings.append(found)
    return Audit(texts, readings)


def report(found: Audit) -> str:
    """The audit for people."""
    lines = [f"{found.broken:.0%} of {len(found.texts)} images were read exactly"]
    for confidence in (0.9, 0.5):
        share, right = found.broken_at(confidence)
        lines.append(f"at {confidence:.0%} confidence or more: {share:.0%} of the images, {right:.0%} of them right")
    rows = found.leaks()
    shown = [f"{character} {share:.0%} of {count}" for character, share, count in rows]
    lines += [f"leak most: {', '.join(shown[:6])}", f"hold best: {', '.join(shown[-6:])}"]
    return "\n".join(lines)


def main() -> None:
    """Audit, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    arguments = parser.parse_args()
    with Client(arguments.url) as client:
        print(report(audit(client, arguments.images)))


if __name__ == "__main__":
    main()
