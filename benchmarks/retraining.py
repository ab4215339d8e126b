"""A retrain that always goes on: whenever one has ended, however it did, the next is ordered."""

import base64
import io
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
from PIL import Image, ImageDraw, ImageFont

_LOOK_EVERY_S = 1.0
_ENDED = {"promoted", "rejected", "failed", "cancelled"}
_LETTERS = "vxz"
"""Of one shape as small letters and as capitals, so that only labels tell which they are."""


def labelled_examples(count: int, chance: random.Random) -> dict[str, Any]:
    """The body of POST /captcha_retrain_model with so many drawn images.

    Which of the letters are labelled as capitals is drawn by lot each time: a model that has learnt an earlier answer
    has something to learn again. Where there is nothing to learn, the service trains nothing.
    """
    told = str.maketrans(_LETTERS, "".join(chance.choice([letter, letter.upper()]) for letter in _LETTERS))
    texts = ["".join(chance.choices(_LETTERS, k=5)) for _ in range(count)]
    labels = [text.translate(told) for text in texts]
    return {"list_images_base64": [_drawn(text) for text in texts], "list_label": labels}


def _drawn(text: str) -> str:
    image = Image.new("RGB", (150, 48), "white")
    ImageDraw.Draw(image).text((12, 6), text, fill="black", font=ImageFont.load_default(size=30))
    file = io.BytesIO()
    image.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@dataclass
class Retraining:
    """Orders retrains of a service, from a thread, for as long as the block runs.

    Attributes:
        base_url: of the service.
        examples: labelled images of each.
        ordered: how many.
        ended: how often each final state was met.
    """

    base_url: str
    examples: int = 60
    ordered: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        chance, path = random.Random(0), ""
        with httpx.Client(base_url=self.base_url, timeout=10) as client:
            while not self._stop.wait(_LOOK_EVERY_S):
                try:
                    path = self._look(client, path, chance)
                except (httpx.HTTPError, ValueError):
                    # Things are being broken: it is asked again.
                    continue

    def _look(self, client: httpx.Client, path: str, chance: random.Random) -> str:
        if path:
            state = client.get(path).raise_for_status().json()["state"]
            if state not in _ENDED:
                return path
            self.ended[state] += 1
        body = labelled_examples(self.examples, chance)
        answer = client.post("/captcha_retrain_model", json=body).raise_for_status()
        self.ordered += 1
        return answer.headers["Location"]
