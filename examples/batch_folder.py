"""Read a folder of images, many at once, into a table: file, text, confidence, error.

python examples/batch_folder.py FOLDER [--url http://127.0.0.1:8000] > readings.csv
"""

import argparse
import asyncio
import csv
import sys
from pathlib import Path

from glyphserve.client import AsyncClient, ServiceError

ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp"}


def images_in(folder: Path) -> list[Path]:
    """The folder's images, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)


async def read_all(files: list[Path], url: str) -> int:
    """Write a line for each image to stdout; how many could not be read."""
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["file", "text", "confidence", "error"])
    refused = 0
    async with AsyncClient(url) as client:
        place = iter(files)
        async for found in client.read_many(files):
            name = next(place).name
            if isinstance(found, ServiceError):
                refused += 1
                table.writerow([name, "", "", found])
            else:
                table.writerow([name, found.text, found.confidence, ""])
    return refused


def main() -> int:
    """Exit code 1: some image could not be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    arguments = parser.parse_args()
    return 1 if asyncio.run(read_all(images_in(arguments.folder), arguments.url)) else 0


if __name__ == "__main__":
    sys.exit(main())
