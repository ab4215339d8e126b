"""A recognizer without a model, for tests of everything around it.

It implements the whole ``RecognizerCalls`` interface and decodes images for real; what it
"reads" is the image's size, and ``script`` holds the errors of the next calls.
"""

from deployments.protocol import ReadJob, ReadResult, ReplicaReport, UnreadableImage
from deployments.status import STATUS_OF_FAULT
from ocr_model.errors import ImageError
from ocr_model.images import decode_image
from ocr_model.reading import Reading

VERSION = "fake-1"


class FakeRecognizer:
    """Answers ``<width>x<height>`` for every image."""

    def __init__(self) -> None:
        self.calls: list[list[ReadJob]] = []
        self.script: list[Exception] = []
        self.asked_all = 0

    async def read(self, jobs: list[ReadJob]) -> list[ReadResult]:
        self.calls.append(jobs)
        if self.script:
            raise self.script.pop(0)
        return [
            ReadResult(readings=tuple(map(_read, job.images)), model_version=VERSION, replica="fake") for job in jobs
        ]

    async def report(self) -> ReplicaReport:
        if self.script:
            raise self.script.pop(0)
        return ReplicaReport(replica_id="fake", model_version=VERSION, generation=1, images_read=0)

    async def reports(self, *, timeout_s: float) -> list[ReplicaReport]:
        del timeout_s
        self.asked_all += 1
        return [await self.report()]


def _read(image: bytes) -> Reading | UnreadableImage:
    try:
        height, width, _ = decode_image(image).shape
    except ImageError as e:
        return UnreadableImage(STATUS_OF_FAULT[e.fault], e.detail)
    text = f"{width}x{height}"
    return Reading(text=text, confidence=0.9, character_confidences=(0.9,) * len(text))
