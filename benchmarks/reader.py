"""What reading costs: milliseconds an image alone and in batches, bytes on disk, memory resident.

    python -m benchmarks.reader --images FOLDER [--model FOLDER ...] [--memory-after 10000]

Everything from the bytes of a file to its text, on one thread of one core. All readers are timed in
turns over the same images, so that their ratios hold on a busy machine: medians and the fastest of
the rounds. Readers of other projects, rapidocr (without its detector: the image is one line) and
ddddocr, are timed too where they are installed.
"""

import argparse
import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from benchmarks.peers import peers
from ocr_model.reader import Reader
from ocr_model.weights import base_folder

BATCH = 8
ENDINGS = {".png", ".jpg", ".gif"}

Read = Callable[[Sequence[bytes]], object]


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, required=True, help="a folder of images, or of folders of them")
    parser.add_argument("--model", type=Path, action="append", help="a model folder; the shipped one if not given")
    parser.add_argument("--rounds", type=int, default=30, help="rounds of one batch each")
    parser.add_argument("--memory-after", type=int, default=0, metavar="N", help="read N images and tell the memory")
    arguments = parser.parse_args()
    # Not every peer lets its threads be counted; on one core none gains by more.
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    files = sorted(file for file in arguments.images.rglob("*") if file.suffix.lower() in ENDINGS)
    images = [file.read_bytes() for file in files]
    folders = arguments.model or [base_folder()]
    readers = {folder.name: Reader.load(folder) for folder in folders}
    told: dict[str, object] = {
        "files": {
            folder.name: {file.name: file.stat().st_size for file in sorted(folder.iterdir())} for folder in folders
        },
        "ms": time_all(
            {**{name: reader.read for name, reader in readers.items()}, **peers()}, images, arguments.rounds
        ),
    }
    if arguments.memory_after:
        told["memory"] = memory_after(readers[folders[0].name], images, arguments.memory_after)
    print(json.dumps(told, indent=1))


def time_all(reads: dict[str, Read], images: Sequence[bytes], rounds: int) -> dict[str, dict[str, float]]:
    """Time each reader in turn on the same batch of each round: milliseconds an image.

    Args:
        reads: functions that read encoded images, by name.
        images: files, spread over the rounds; their kinds should be mixed.
        rounds: batches of 8.
    """
    alone: dict[str, list[float]] = {name: [] for name in reads}
    batched: dict[str, list[float]] = {name: [] for name in reads}
    step = max(1, len(images) // (rounds * BATCH))
    waiting = itertools.cycle(images[::step])
    for read in reads.values():
        read(images[:BATCH])  # the first run allocates
    for _ in range(rounds):
        batch = list(itertools.islice(waiting, BATCH))
        for name, read in reads.items():
            start_s = time.perf_counter()
            for image in batch:
                read([image])
            between_s = time.perf_counter()
            read(batch)
            end_s = time.perf_counter()
            alone[name].append(1000 * (between_s - start_s) / BATCH)
            batched[name].append(1000 * (end_s - between_s) / BATCH)
    return {
        name: {
            "alone": round(statistics.median(alone[name]), 2),
            "alone, fastest": round(min(alone[name]), 2),
            f"in batches of {BATCH}": round(statistics.median(batched[name]), 2),
            f"in batches of {BATCH}, fastest": round(min(batched[name]), 2),
        }
        for name in reads
    }


def memory_after(reader: Reader, images: Sequence[bytes], count: int) -> dict[str, float]:
    """Read ``count`` images in batches; give the resident mebibytes before, half-way and after."""
    process = psutil.Process()
    told = {"before": process.memory_info().rss / 2**20}
    waiting = itertools.cycle(images)
    for first in range(0, count, BATCH):
        reader.read(list(itertools.islice(waiting, BATCH)))
        if first < count // 2 <= first + BATCH:
            told["half-way"] = process.memory_info().rss / 2**20
    told["after"] = process.memory_info().rss / 2**20
    return {name: round(value, 1) for name, value in told.items()}


if __name__ == "__main__":
    main()
