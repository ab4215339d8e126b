"""The ceiling: the reader alone in two processes, nothing served, nothing stored."""

import itertools
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

from ocr_model.reader import Reader
from ocr_model.weights import base_folder

BATCHES = (1, 8, 16, 32)
_PROCESSES = 2


def ceiling(images: list[bytes], *, seconds: float) -> dict[int, float]:
    """Images a second of both processes together, by batch size.

    Args:
        images: files, read in turn.
        seconds: for each batch size.
    """
    with ProcessPoolExecutor(_PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        told = {}
        for batch in BATCHES:
            runs = [pool.submit(_images_per_s, images, batch, seconds) for _ in range(_PROCESSES)]
            told[batch] = round(sum(run.result() for run in runs), 1)
        return told


def _images_per_s(images: list[bytes], batch: int, seconds: float) -> float:
    reader = Reader.load(base_folder())
    waiting = itertools.cycle(images)
    reader.read(list(itertools.islice(waiting, batch)))
    count, start_s = 0, time.perf_counter()
    while (passed_s := time.perf_counter() - start_s) < seconds:
        reader.read(list(itertools.islice(waiting, batch)))
        count += batch
    return count / passed_s
