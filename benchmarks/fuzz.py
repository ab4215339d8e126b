"""Damaged and expensive image files against the decoder: nothing but pixels or an ImageError, in bounds.

    make fuzz                                                   20,000 mutated files, then 10 minutes by coverage
    python -m benchmarks.fuzz --mutations 20000 --seconds 600   the same

Every file is decoded and normalised in a process of its own kind that is watched: for a crash, for a
hang, for processor time and for memory. Then libFuzzer, by way of atheris, goes by the coverage of
the Python parts (ocr_model's and Pillow's; Pillow's C parts are not instrumented). Exits with 1 if
anything was found; the files are kept in --keep.
"""

import argparse
import json
import multiprocessing
import multiprocessing.connection
import random
import subprocess
import sys
import zlib
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Self

from benchmarks.mutations import mutated, seeds
from benchmarks.watched import resident_bytes, watch
from benchmarks.worst_images import BUILDERS
from ocr_model.errors import ImageError
from ocr_model.images import decode_image
from ocr_model.normalise import normalise

CPU_LIMIT_S = 0.2
MEMORY_LIMIT_BYTES = 100_000_000
_YARDSTICK_S = 0.021
"""Processor time of compressing a megabyte of noise on a quiet core (Zen 4, 2026-11-27)."""
_HANG_S = 20.0
_WARM_UP = 200


@dataclass
class Findings:
    """What came of it.

    Attributes:
        files: how many were tried.
        readable: how many of them gave pixels.
        slowest_ms: most processor time of one file, in milliseconds.
        most_mb: most memory that one file needed, in megabytes.
        kept_mb: by how much the process had grown in the end, in megabytes.
        faults: what must not be, one line a file.
    """

    files: int = 0
    readable: int = 0
    slowest_ms: float = 0.0
    most_mb: float = 0.0
    kept_mb: float = 0.0
    faults: list[str] = field(default_factory=list)


def slowness() -> float:
    """Tell how many times as long as on a quiet machine a fixed piece of work takes now; at least 1.

    Processor time grows where others share a core's caches and units, and between machines; the limit is of none of it.
    """
    noise = random.Random(0).randbytes(1 << 20)
    return max(1.0, watch(lambda: zlib.compress(noise)).cpu_s / _YARDSTICK_S)


def try_file(data: bytes) -> tuple[bool, float, int, str]:
    """Decode one file, watched: whether it gave pixels, seconds, bytes, and what was wrong, if anything."""
    watched = watch(lambda: normalise(decode_image(data)))
    limit_s = CPU_LIMIT_S
    if watched.cpu_s > limit_s:
        # Interrupts count as ours: what is truly slow is slow again.
        watched = min(watched, watch(lambda: normalise(decode_image(data))), key=lambda one: one.cpu_s)
        limit_s *= slowness()
    fault = ""
    if isinstance(watched.result, Exception) and not isinstance(watched.result, ImageError):
        fault = f"raised {watched.result!r}"
    elif watched.cpu_s > limit_s:
        fault = f"took {watched.cpu_s * 1000:.0f} ms"
    elif watched.grown_bytes > MEMORY_LIMIT_BYTES:
        fault = f"needed {watched.grown_bytes / 1e6:.0f} MB"
    return not isinstance(watched.result, Exception), watched.cpu_s, watched.grown_bytes, fault


def fuzz(mutations: int, *, seed: int, keep: Path) -> Findings:
    """Try the worst files and then so many mutated ones, each in a watched child process."""
    chance, files, found = random.Random(seed), seeds(), Findings()
    with _Child() as child:
        for name, build in BUILDERS.items():
            _note(found, build(), child, keep, name)
        for number in range(mutations):
            _note(found, mutated(files, chance), child, keep, f"mutation {number}")
            if number == _WARM_UP:
                before = child.resident()
        if mutations > _WARM_UP:
            found.kept_mb = round((child.resident() - before) / 1e6, 1)
    if found.kept_mb * 1e6 > MEMORY_LIMIT_BYTES:
        found.faults.append(f"the process kept {found.kept_mb} MB")
    return found


def _note(found: Findings, data: bytes, child: "_Child", keep: Path, name: str) -> None:
    readable, cpu_s, grown_bytes, fault = child.ask(data)
    found.files += 1
    found.readable += readable
    found.slowest_ms = max(found.slowest_ms, round(cpu_s * 1000, 1))
    found.most_mb = max(found.most_mb, round(grown_bytes / 1e6, 1))
    if fault:
        keep.mkdir(parents=True, exist_ok=True)
        kept = keep / sha256(data).hexdigest()[:16]
        kept.write_bytes(data)
        found.faults.append(f"{name}: {fault} ({kept})")


class _Child:
    """A process that decodes; one that died or hangs is replaced."""

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def ask(self, data: bytes) -> tuple[bool, float, int, str]:
        try:
            self._pipe.send(data)
            if self._pipe.poll(_HANG_S):
                answer: tuple[bool, float, int, str] = self._pipe.recv()
                return answer
            fault = f"no answer within {_HANG_S:g} s"
        except (EOFError, OSError):
            self._process.join()
            fault = f"the process died with {self._process.exitcode}"
        self.__exit__()
        self._start()
        return False, 0.0, 0, fault

    def resident(self) -> int:
        self._pipe.send(None)
        size_bytes: int = self._pipe.recv()
        return size_bytes

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_decode_all, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def _decode_all(pipe: multiprocessing.connection.Connection) -> None:
    while True:
        try:
            data = pipe.recv()
        except EOFError:
            return
        pipe.send(resident_bytes() if data is None else try_file(data))


def main() -> None:
    """Fuzz, print what was found, exit with 1 if it was anything."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutations", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=600, help="of the run by coverage; 0: none")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("runs/fuzz"), help="where files with findings go")
    arguments = parser.parse_args()
    found = fuzz(arguments.mutations, seed=arguments.seed, keep=arguments.keep)
    print(json.dumps(asdict(found), indent=1), flush=True)
    covered = 0
    if arguments.seconds:
        command = [sys.executable, "-m", "benchmarks.fuzz_by_coverage", str(arguments.seconds), str(arguments.keep)]
        covered = subprocess.run(command, check=False).returncode
    sys.exit(1 if found.faults or covered else 0)


if __name__ == "__main__":
    main()
