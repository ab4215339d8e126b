"""`kill -9` of everything under load, again and again: what was answered must be there, and nothing else.

    make crash                              30 times
    python -m benchmarks.crash --kills 3    three times

Each time: clients send images, a retrain is queued, a model is activated; at a random moment every
process is killed. On what lies on the disk then, and again after the restart, it is checked that every
id that was answered with 200 has its row and its image byte for byte, that every row names a whole
image, that queued jobs and the serving version are what they were, and that a sweep leaves no file
without a row. Prints one JSON object; exits with 1 if anything is missing.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from benchmarks.acknowledged import Acknowledged
from benchmarks.own_service import REPOSITORY, OwnService
from benchmarks.second_version import add_second_version
from deployments.archive import Archive
from deployments.archive.sweep import sweep
from deployments.blobs import BlobStore
from deployments.records import Database, RecognitionRecords, RecognitionRow
from deployments.settings.storage import StorageSettings

PICTURE = REPOSITORY / "docs" / "images" / "captcha-98369.png"
ENVIRONMENT = {"GLYPHSERVE_TRAINING__ENABLED": "false"}
_LONGEST_LOAD_S = 4.0


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        kills: how often everything was killed.
        processes_killed: in all.
        acknowledged: images answered with 200.
        unanswered: requests cut off.
        rows: in the records at the end; above `acknowledged` where the answer was cut off.
        left_over_files: that crashes left and the sweep took.
        restart_s: longest time from the kill until the service was ready again.
        faults: what must not be.
    """

    kills: int = 0
    processes_killed: int = 0
    acknowledged: int = 0
    unanswered: int = 0
    rows: int = 0
    left_over_files: int = 0
    restart_s: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass
class _Known:
    """What the service has said it has."""

    sha256_of: dict[str, str] = field(default_factory=dict)
    queued: list[str] = field(default_factory=list)
    serving: str = ""


def crash(data_dir: Path, *, kills: int, chance: random.Random) -> Outcome:
    """Start a service on an empty data folder, kill it so often, and stop it."""
    service, outcome, known = OwnService(data_dir, environment=ENVIRONMENT), Outcome(), _Known()
    service.start()
    try:
        names = add_second_version(data_dir)
        for number in range(kills):
            _load_and_kill(service, outcome, known, names[number % 2], chance)
            killed_s = time.monotonic()
            asyncio.run(_check_disk(data_dir, known, outcome))
            service.start()
            outcome.restart_s = max(outcome.restart_s, round(time.monotonic() - killed_s, 1))
            _check_service(service.url, known, outcome)
    finally:
        service.stop()
    return outcome


def _load_and_kill(service: OwnService, outcome: Outcome, known: _Known, version: str, chance: random.Random) -> None:
    picture = PICTURE.read_bytes()
    with httpx.Client(base_url=service.url, timeout=60) as client:
        body = {"list_images_base64": [base64.b64encode(picture).decode()], "list_label": ["98369"]}
        with Acknowledged(service.url, picture) as clients:
            location = client.post("/captcha_retrain_model", json=body).raise_for_status().headers["Location"]
            known.queued.append(location)
            client.post(f"/v1/models/{version}/activate").raise_for_status()
            known.serving = version
            time.sleep(chance.uniform(0, _LONGEST_LOAD_S))
            outcome.processes_killed += service.kill_all()
    known.sha256_of |= clients.sha256_of
    outcome.kills += 1
    outcome.acknowledged += len(clients.sha256_of)
    outcome.unanswered += clients.unanswered


async def _check_disk(data_dir: Path, known: _Known, outcome: Outcome) -> None:
    """With no process left: rows, packs and what a sweep finds."""
    settings = StorageSettings(data_dir=data_dir)
    archive = Archive.open(settings)
    try:
        rows: dict[str, RecognitionRow] = {}
        before: str | None = None
        while True:
            page = await archive.page(limit=1000, before=before)
            rows |= {row.id: row for row in page.rows}
            if (before := page.next_before) is None:
                break
        outcome.rows = len(rows)
        for recognition_id, sha256 in known.sha256_of.items():
            stored = await archive.image(recognition_id)
            if stored is None or hashlib.sha256(stored.data).hexdigest() != sha256:
                outcome.faults.append(f"{recognition_id} is lost or altered")
    finally:
        await archive.close()
    blobs = BlobStore.open(settings.resolved_blobs_uri)
    database = Database.open(settings.resolved_records_url)
    try:
        packs = {blob.key: blob.size_bytes for blob in blobs.list("images")}
        for row in rows.values():
            if row.pack_offset_bytes + row.length_bytes > packs.get(row.pack_key, -1):
                outcome.faults.append(f"row {row.id} names no whole image")
        outcome.left_over_files += sweep(blobs, database, orphan_age_s=-60)
        left = [blob.key for blob in blobs.list("images")]
        with database.reading() as connection:
            orphans = set(left) - RecognitionRecords(connection).packs_named(left)
        outcome.faults += [f"{key} has no row after the sweep" for key in sorted(orphans)]
    finally:
        database.close()


def _check_service(url: str, known: _Known, outcome: Outcome) -> None:
    """The restarted service: the version that serves, the jobs that wait, the newest images over HTTP."""
    with httpx.Client(base_url=url, timeout=30) as client:
        serving = client.get("/healthz/ready").raise_for_status().json()["model_version"]
        if serving != known.serving:
            outcome.faults.append(f"{serving} serves instead of {known.serving}")
        for location in known.queued:
            job = client.get(location).json()
            if job.get("state") != "queued":
                outcome.faults.append(f"{location} is not queued: {job}")
        for recognition_id in list(known.sha256_of)[-20:]:
            image = client.get(f"/images/{recognition_id}").content
            if hashlib.sha256(image).hexdigest() != known.sha256_of[recognition_id]:
                outcome.faults.append(f"/images/{recognition_id} is not what was sent")


def main() -> None:
    """Crash, print what came of it, exit with 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glyphserve-crash-") as data_dir:
        outcome = crash(Path(data_dir), kills=arguments.kills, chance=random.Random(arguments.seed))
    print(json.dumps(asdict(outcome), indent=1))
    sys.exit(1 if outcome.faults else 0)


if __name__ == "__main__":
    main()
