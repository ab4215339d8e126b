"""A config for `tests.support.toy_app`."""

from pathlib import Path

import yaml


def write_toy_config(folder: Path, *, fail: bool = False) -> Path:
    """Write a cluster.yaml that deploys the toy application; with ``fail``, one that cannot start."""
    path = folder / "cluster.yaml"
    application: dict[str, object] = {
        "name": "glyphserve",
        "route_prefix": "/",
        "import_path": "tests.support.toy_app:build" if not fail else "tests.support.toy_app:build_failing",
        "args": {},
    }
    path.write_text(yaml.safe_dump({"proxy_location": "HeadOnly", "applications": [application]}), encoding="utf-8")
    return path
