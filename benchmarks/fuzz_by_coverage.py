"""libFuzzer on the decoder, guided by the coverage of its Python parts; needs `pip install glyphserve[fuzz]`.

python -m benchmarks.fuzz_by_coverage SECONDS FOLDER_FOR_FINDINGS
"""

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

# atheris 3.0 never frees what a comparison of arrays gives, so modules that compare them are not instrumented:
# a run of five minutes grew by a gigabyte. What they do depends on pixels, not on a file's structure.
_COMPARE_ARRAYS = ["ocr_model.borders", "ocr_model.frames", "ocr_model.normalise", "ocr_model.transparency"]

with atheris.instrument_imports(include=["ocr_model", "PIL"], exclude=_COMPARE_ARRAYS):
    from ocr_model.errors import ImageError
    from ocr_model.images import decode_image
    from ocr_model.normalise import normalise

_SLOW_S = 5
_MEMORY_MB = 1_024
_LONGEST_BYTES = 8_192


def _decode(data: bytes) -> None:
    with contextlib.suppress(ImageError):
        normalise(decode_image(data))


def main(seconds: int, keep: Path) -> None:
    """Fuzz for so long; libFuzzer prints its figures and exits with another code than 0 on a finding."""
    from benchmarks.mutations import seeds  # noqa: PLC0415 - must be imported after the decoder was instrumented

    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(seeds()):
            (Path(corpus) / str(number)).write_bytes(data)
        options = [f"-max_total_time={seconds}", f"-timeout={_SLOW_S}", f"-rss_limit_mb={_MEMORY_MB}"]
        options += [f"-max_len={_LONGEST_BYTES}", f"-artifact_prefix={keep}/", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, corpus], _decode)
        atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
