"""Readers of other projects, each with its default model and one thread, where they are installed."""

import importlib.util
from collections.abc import Callable, Sequence

Read = Callable[[Sequence[bytes]], Sequence[str]]
"""Reads encoded images; gives their texts."""


def peers() -> dict[str, Read]:
    """Every peer that is installed, by name."""
    makers = {"ddddocr": ddddocr, "rapidocr": rapidocr}
    return {name: make() for name, make in makers.items() if importlib.util.find_spec(name)}


def ddddocr() -> Read:
    """Load its default recogniser."""
    from ddddocr import DdddOcr  # noqa: PLC0415 - a peer that need not be there

    ocr = DdddOcr(show_ad=False)
    return lambda images: [ocr.classification(image) for image in images]


def rapidocr() -> Read:
    """Load it without its detector: the image is one line."""
    from rapidocr import RapidOCR  # noqa: PLC0415 - a peer that need not be there

    ocr = RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "error",
        }
    )

    def read(images: Sequence[bytes]) -> list[str]:
        answers = [ocr(image, use_det=False, use_cls=False, use_rec=True) for image in images]
        return ["".join(answer.txts or ()) for answer in answers]

    return read
