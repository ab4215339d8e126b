"""A process to be killed: stores without end, several requests at once, and prints what was acknowledged."""

import asyncio
import hashlib
import os
import random
import sys
from pathlib import Path

from deployments.archive import Archive
from deployments.settings.storage import StorageSettings
from tests.unit.deployments.archive.entries import entry


async def store_for_ever(archive: Archive) -> None:
    """One client: a line ``id sha256`` for each image, written at once, after its request was answered."""
    while True:
        images = [os.urandom(random.randrange(1, 9_000)) for _ in range(random.randrange(1, 4))]
        ids = await archive.store([entry(image) for image in images])
        lines = [f"{new} {hashlib.sha256(image).hexdigest()}\n" for new, image in zip(ids, images, strict=True)]
        os.write(sys.stdout.fileno(), "".join(lines).encode())


async def main() -> None:
    """Store with eight clients until killed."""
    archive = Archive.open(StorageSettings(data_dir=Path(sys.argv[1])))
    await asyncio.gather(*(store_for_ever(archive) for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(main())
