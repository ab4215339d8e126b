"""Measures the drawing: `python -m train.synth.speed` prints images a second on one core, by style family."""

import sys
import time

import numpy as np

from train.synth.styles import STYLES, draw

WARM_UP = 200


def images_per_second(style: str | None, count: int, seed: int = 0) -> float:
    """Time `count` drawings of one style, or of the whole mix, in this thread."""
    rng = np.random.default_rng(seed)
    start = time.process_time()
    for _ in range(count):
        draw(rng, style=style)
    return count / (time.process_time() - start)


def main(count: int = 1500) -> None:
    """Print the table."""
    images_per_second(None, WARM_UP)
    rows = [(name, images_per_second(name, max(50, count // 8))) for name in STYLES]
    for name, rate in rows:
        sys.stdout.write(f"{name:12s} weight {STYLES[name].weight:5.1f} {rate:7.0f} images/s\n")
    sys.stdout.write(f"{'the mix':12s}              {images_per_second(None, count, 1):7.0f} images/s\n")


if __name__ == "__main__":
    main()
