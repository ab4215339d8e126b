"""Where things lie in the blob store."""

from datetime import UTC, datetime

from deployments.records.rows import new_id

PACKS = "images"
"""The folder of packs; below it one folder a year, month, day and hour (UTC), so that none grows too long to list."""

DATASETS = "datasets"
"""The folder of dataset folders."""

CHECKS = "checks"
"""The folder of what health checks write and delete at once."""


def hour_folder(hour: datetime) -> str:
    """The folder of one hour's packs."""
    return f"{PACKS}/{hour.astimezone(UTC):%Y/%m/%d/%H}"


def new_pack_key(now: datetime) -> str:
    """A fresh key such as ``images/2026/11/22/14/<uuid7>.pack``."""
    return f"{hour_folder(now)}/{new_id()}.pack"


def dataset_key(dataset_id: str) -> str:
    """The folder of a dataset."""
    return f"{DATASETS}/{dataset_id}"


LAST_SWEEP = "sweeps/last"
"""The blob that holds when the last complete sweep began, ISO 8601."""


def new_check_key() -> str:
    """A fresh key for a health check."""
    return f"{CHECKS}/{new_id()}"
