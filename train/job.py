"""``python -m train.job --folder FOLDER``: one retrain on the Ray cluster, from its request to its verdict.

Exits with 0 once ``verdict.json`` is written, whatever the verdict; otherwise the last line on stderr,
which begins with ``error:``, says why there is none.
"""

import logging
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Annotated

import ray
import typer

from ocr_model.errors import GlyphserveError
from train.errors import DeadlineError, TrainingError
from train.finetune.events import EventLog
from train.finetune.on_ray import fit_on_ray, wait_for_room
from train.finetune.plan import Retrain
from train.finetune.recipe import Recipe
from train.finetune.request import REQUEST_FILE, parse_request
from train.finetune.run import run_retrain
from train.finetune.store import Folder
from train.logs import configure_logging
from train.priority import give_way

logger = logging.getLogger("train.job")  # as a program its __name__ is another

LAST_WORDS = "error: "
"""Begins the last line on stderr, by which whoever started the job knows it from what libraries print."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise in the block once ``seconds`` have passed; for the main thread.

    Raises:
        DeadlineError: they have.
    """
    error = DeadlineError(f"The retrain did not end within its {seconds:g} s.")
    passed = False

    def over(number: int, frame: FrameType | None) -> None:
        nonlocal passed
        del number, frame
        passed = True
        raise error

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except Exception as e:
        # Ray, when it waits, lets a signal's error through inside one of its own.
        if passed:
            raise error from e
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def retrain_on_ray(folder: str, *, recipe: Recipe | None = None) -> None:
    """Run a retrain; joins the cluster that Ray finds.

    Raises:
        GlyphserveError: there can be no verdict.
    """
    request = parse_request(Folder.at(folder).read(REQUEST_FILE))
    configure_logging(retrain_id=request.retrain_id, request_id=request.request_id)
    logger.info("retrain begins")
    ends_s = time.monotonic() + request.deadline_s

    def fit(retrain: Retrain, events: EventLog) -> None:
        if not ray.is_initialized():
            try:
                ray.init(log_to_driver=True, logging_level=logging.WARNING)
            except ConnectionError as e:
                raise TrainingError("The Ray cluster cannot be reached, or does not let this job in.") from e
        wait_for_room(request, ends_s=ends_s, waiting=lambda: events.tell("waiting"))
        fit_on_ray(retrain)

    with deadline(request.deadline_s):
        verdict = run_retrain(folder, fit, recipe=recipe)
    logger.info("retrain ends: %s", verdict.outcome)


def main(
    folder: Annotated[str, typer.Option(help="Path or URI of the retrain's folder; request.json is there.")],
    recipe: Annotated[str, typer.Option(hidden=True, help="JSON of a Recipe, for trying others.")] = "{}",
) -> None:
    """Train, judge, and write the verdict."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    give_way()
    failure = ""
    try:
        retrain_on_ray(folder, recipe=Recipe.model_validate_json(recipe))
    except GlyphserveError as e:
        failure = str(e)
    except Exception as e:
        logger.exception("the retrain failed")
        failure = f"The retrain failed by a defect of the program: {type(e).__name__}."
    finally:
        # Before the last word: what workers still say is passed on by Ray.
        ray.shutdown()
    if failure:
        sys.stderr.write(f"{LAST_WORDS}{failure}\n")
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
