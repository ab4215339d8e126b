"""``python -m tests.train.pretrain_toy FOLDER SETTINGS [ray]``: the toy task's pretraining, as a process."""

import logging
import sys
from pathlib import Path

import ray

from tests.unit.train import toy
from train.pretrain import pretrain
from train.settings import PretrainSettings


def main(folder: Path, settings: Path, *, on_ray: bool) -> None:
    """Pretrain; with Ray, on a cluster of two CPUs that lives as long as this process."""
    if on_ray:
        ray.init(num_cpus=2, include_dashboard=False)
    pretrain(
        folder,
        PretrainSettings.model_validate_json(settings.read_text(encoding="utf-8")),
        names=toy.NAMES,
        on_ray=on_ray,
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    main(Path(sys.argv[1]), Path(sys.argv[2]), on_ray=sys.argv[3:] == ["ray"])
