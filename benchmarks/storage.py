"""What storing costs: requests with one 5 kB image each, so many at once, until the images run out.

Run: ``python -m benchmarks.storage [--concurrency 32] [--images 8000] [--data-dir DIR]
[--records-url URL] [--blobs-uri URI]``. The first tenth warms up and is not counted.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import uvloop

from deployments.archive import Archive, NewRecognition
from deployments.blobs import BlobStore
from deployments.records import Source
from deployments.settings.storage import StorageSettings


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--concurrency", type=int, default=32, help="requests at once")
    parser.add_argument("--images", type=int, default=8_000, help="images in all")
    parser.add_argument("--image-bytes", type=int, default=5_000, help="size of each image")
    parser.add_argument("--data-dir", type=Path, help="on the disk to measure; default: a temporary folder")
    parser.add_argument("--records-url")
    parser.add_argument("--blobs-uri")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.data_dir) as folder:
        settings = StorageSettings(
            data_dir=Path(folder), records_url=arguments.records_url, blobs_uri=arguments.blobs_uri
        )
        measured = uvloop.run(_measure(settings, arguments.concurrency, arguments.images, arguments.image_bytes))
    print(json.dumps(measured, indent=2))


async def _measure(settings: StorageSettings, concurrency: int, images: int, image_bytes: int) -> dict[str, object]:
    archive = Archive.open(settings)
    image = os.urandom(image_bytes)
    await _store_all(archive, image, concurrency, images // 10)
    packs_before = _packs(settings)
    began_s, began_cpu_s = time.perf_counter(), time.process_time()
    latencies_s = await _store_all(archive, image, concurrency, images)
    wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
    groups = _packs(settings) - packs_before
    await archive.close()
    p50, p90, p99 = np.percentile(latencies_s, [50, 90, 99]) * 1e3
    return {
        "images": images,
        "concurrency": concurrency,
        "images_per_s": round(images / wall_s),
        "wall_us_per_image": round(wall_s / images * 1e6),
        "cpu_us_per_image": round(cpu_s / images * 1e6),
        "images_per_group": round(images / groups, 1),
        "latency_ms": {"p50": round(p50, 2), "p90": round(p90, 2), "p99": round(p99, 2)},
    }


async def _store_all(archive: Archive, image: bytes, concurrency: int, images: int) -> list[float]:
    left = iter(range(images))
    latencies_s: list[float] = []

    async def client() -> None:
        for number in left:
            began_s = time.perf_counter()
            await archive.store([_entry(image, number)])
            latencies_s.append(time.perf_counter() - began_s)

    await asyncio.gather(*(client() for _ in range(concurrency)))
    return latencies_s


def _entry(image: bytes, number: int) -> NewRecognition:
    return NewRecognition(
        image=image,
        media_type="image/png",
        request_id=f"request-{number}",
        source=Source.UPLOAD,
        text="aB3dE",
        confidence=0.987,
        character_confidences=(0.99, 0.98, 0.999, 0.97, 0.995),
        model_version="base-1",
    )


def _packs(settings: StorageSettings) -> int:
    return sum(1 for _ in BlobStore.open(settings.resolved_blobs_uri).list("images"))


if __name__ == "__main__":
    main()
