"""cluster.yaml with changes, for tests that need other numbers."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster import CONFIG


def write_config(path: Path, *, recognizer: dict[str, Any], args: dict[str, Any] | None = None) -> Path:
    """Write the repository's cluster.yaml with other settings.

    Args:
        path: the file.
        recognizer: the deployment's ``autoscaling_config``, over that of the file.
        args: application arguments, over those of the file.
    """
    config = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    application = config["applications"][0]
    application["args"] |= args or {}
    for deployment in application["deployments"]:
        # Replicas that mostly wait: what a test reserves should not depend on the machine's cores.
        deployment.setdefault("ray_actor_options", {})["num_cpus"] = 0.1
        if deployment["name"] == "Recognizer":
            deployment["autoscaling_config"] |= recognizer
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return path
