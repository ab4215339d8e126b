"""Where things lie in the blob store."""

from datetime import UTC, datetime

from deployments.records.rows import new_id

PACKS = "images"
"""The folder of packs; below it one folder a year, month and day (UTC)."""

DATASETS = "datasets"
"""The folder of dataset folders."""

CHECKS = "checks"
"""The folder of what health checks write and delete at once."""


def day_folder(day: datetime) -> str:
    """The folder of one day's packs."""
    return f"{PACKS}/{day.astimezone(UTC):%Y/%m/%d}"


def new_pack_key(now: datetime) -> str:
    """A fresh key such as ``images/2026/11/22/<uuid7>.pack``."""
    return f"{day_folder(now)}/{new_id()}.pack"


def dataset_key(dataset_id: str) -> str:
    """The folder of a dataset."""
    return f"{DATASETS}/{dataset_id}"


def new_check_key() -> str:
    """A fresh key for a health check."""
    return f"{CHECKS}/{new_id()}"
