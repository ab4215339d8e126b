"""What a figure depends on beside the code."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

_PACKAGES = (
    "glyphserve",
    "ray",
    "fastapi",
    "uvicorn",
    "onnxruntime",
    "torch",
    "pillow",
    "litserve",
    "ddddocr",
    "rapidocr",
)


def describe() -> dict[str, object]:
    """Machine, versions, commit."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "commit": _commit(),
    }


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _commit() -> str:
    root = Path(__file__).parents[2]
    told = subprocess.run(
        ["/usr/bin/env", "git", "-C", str(root), "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "no repository"
