"""``python -m tests.train.pretrain_toy FOLDER SETTINGS``: the pretraining of the toy task, as a process."""

import logging
import sys
from pathlib import Path

from train.drawing import DrawNames
from train.pretrain import pretrain
from train.settings import PretrainSettings

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    pretrain(
        Path(sys.argv[1]),
        PretrainSettings.model_validate_json(Path(sys.argv[2]).read_text(encoding="utf-8")),
        names=DrawNames(full="tests.unit.train.toy:draw", easy="tests.unit.train.toy:draw"),
    )
