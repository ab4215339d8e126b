"""The facts of this machine that checks judge; gathered once, so that a test can make up others."""

import os
import resource
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import psutil
from packaging.requirements import Requirement

from ocr_model.device import offers_cuda

PACKAGE = "glyphserve"
_IN_ITS_PLACE = {"onnxruntime": "onnxruntime-gpu"}
"""Distributions that bring another's modules."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - looked at, nothing is written there


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Facts.

    Attributes:
        python: version of the interpreter.
        cores: that this process may run on.
        memory_bytes: that programs can still have without swapping.
        shared_memory_bytes: free in /dev/shm; None where there is no such thing.
        open_files: most that a process may raise its limit to.
        reads_on_cuda: whether the installed ONNX Runtime has CUDA.
        versions: of the installed packages that ours requires, by requirement; None: not installed.
    """

    python: tuple[int, int, int]
    cores: int
    memory_bytes: int
    shared_memory_bytes: int | None
    open_files: int
    reads_on_cuda: bool
    versions: Mapping[Requirement, str | None]

    @classmethod
    def here(cls) -> "Machine":
        """Look at this machine."""
        return cls(
            python=sys.version_info[:3],
            cores=len(os.sched_getaffinity(0)),
            memory_bytes=psutil.virtual_memory().available,
            shared_memory_bytes=shutil.disk_usage(SHARED_MEMORY).free if SHARED_MEMORY.is_dir() else None,
            open_files=_open_files(),
            reads_on_cuda=offers_cuda(),
            versions={requirement: _version(requirement.name) for requirement in _requirements()},
        )


def _open_files() -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def _requirements() -> list[Requirement]:
    """What the package needs, its extras left out."""
    found = [Requirement(text) for text in requires(PACKAGE) or []]
    return [r for r in found if r.marker is None or r.marker.evaluate({"extra": ""})]


def _version(name: str) -> str | None:
    for distribution in (name, _IN_ITS_PLACE.get(name)):
        with suppress(PackageNotFoundError):
            if distribution is not None:
                return version(distribution)
    return None
