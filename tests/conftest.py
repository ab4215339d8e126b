"""Markers by folder, skips that fail where skipping is forbidden, and an orderly end when told to end."""

import os
import signal
import threading
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

FORBID_SKIP = "GLYPHSERVE_TESTS_FORBID_SKIP"
HERE = Path(__file__).parent


def pytest_configure() -> None:
    # Else the clusters of fixtures outlive a run that is ended, as by a time limit.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)


def pytest_unconfigure() -> None:
    # Nobody is left to catch what `_end` raises.
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> None:
    del frame
    raise KeyboardInterrupt(f"signal {number}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(HERE).parts[0]
        if folder in {"browser", "cluster", "train"}:
            item.add_marker(folder)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # The measuring images are not part of the project: a user's clone never has them.
    optional = item.get_closest_marker("measuring") is not None
    if report.skipped and not optional and not hasattr(report, "wasxfail") and os.environ.get(FORBID_SKIP) == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped although {FORBID_SKIP}=1: {report.longrepr}"
    return report
