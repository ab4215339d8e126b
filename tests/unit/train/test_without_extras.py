"""A retrain runs with what `make run` installs: nothing of the extra `pretrain`."""

import subprocess
import sys
from importlib.metadata import requires

import pytest
from packaging.requirements import Requirement

from train.finetune.recipe import Recipe

DRAWN = 5
_MODULES = {"scikit-learn": "sklearn", "wheezy.captcha": "wheezy"}
_SCRIPT = f"""
import sys
for name in sys.argv[1:]:
    sys.modules[name] = None
import numpy as np
import train.job
from train.drawing import find_draw
draw = find_draw({Recipe().draw!r})
rng = np.random.default_rng(1)
print(len([draw(rng).label for _ in range({DRAWN})]))
"""


def extras() -> list[str]:
    """Top modules of what the extra brings and the package alone does not."""
    found = [Requirement(text) for text in requires("glyphserve") or []]
    return sorted(
        _MODULES.get(r.name, r.name)
        for r in found
        if r.marker and r.marker.evaluate({"extra": "pretrain"}) and not r.marker.evaluate({"extra": ""})
    )


@pytest.mark.slow
@pytest.mark.timeout(320)
def test_a_job_starts_and_draws_without_them() -> None:
    assert {"tensorboard", "matplotlib", "captcha", "sklearn", "wheezy"} <= set(extras())
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, *extras()], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == str(DRAWN)
