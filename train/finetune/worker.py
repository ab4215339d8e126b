"""What one worker of a retrain does, wherever it runs; worker 0 also leaves the candidate."""

import contextlib
import copy
import logging
from collections.abc import Callable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocr_model.charset import Charset
from ocr_model.network import Recogniser
from ocr_model.scoring import Read, score
from train.courtesy import Courtesy
from train.drawing import DrawingPool, DrawNames
from train.errors import DivergedError
from train.finetune.candidate import leave_candidate
from train.finetune.doubt import trusted
from train.finetune.events import EventLog, Progress
from train.finetune.examples import Examples
from train.finetune.lesson import Lesson, read_lesson
from train.finetune.mix import Mix
from train.finetune.plan import Retrain
from train.finetune.recipe import Recipe
from train.finetune.splice import Splicer, character_bounds
from train.loop import CPU, Loop
from train.parallel import Share
from train.reporters import Reporter, Reporters
from train.state import Position, newest_state, read_average, read_position
from train.stream import Batch, Stream
from train.stream import Plan as Rounds
from train.validation import log_probabilities, reads_of

logger = logging.getLogger(__name__)

_STATES = "states"


def fine_tune(
    share: Share, retrain: Retrain, *, reporters: list[Reporter], device: torch.device = CPU, threads: int = 1
) -> None:
    """Do one worker's part of a retrain.

    Args:
        share: this worker's place.
        retrain: the same on all workers; its plan is written.
        reporters: beside the events, which worker 0 has anyway.
        device: where to train.
        threads: of this worker on the CPU.

    Raises:
        TrainingError: the training cannot go on, and left nothing that is worth judging.
    """
    torch.set_num_threads(threads)
    recipe = retrain.recipe
    lesson = read_lesson(retrain)
    state = newest_state(retrain.scratch / _STATES)
    position = read_position(state) if state else Position()
    with contextlib.ExitStack() as stack:
        stream = _replay(retrain, lesson, share, first=position.step, stack=stack)
        count = len(lesson.train.labels)
        mix = Mix(
            lesson.train,
            lesson.charset,
            replay=stream.batches,
            memory=lesson.remembered,
            posted=recipe.posted,
            remembered=recipe.remembered,
            spliced=recipe.share_of(count, recipe.spliced),
            jiggled=recipe.share_of(count, recipe.jiggled),
            seed=_seed(lesson, share),
        )
        if count <= recipe.splice_up_to:
            everything = list(range(count))
            seen = log_probabilities(lesson.before, lesson.train.pixels)
            mix.trust(everything, _splicer(seen, lesson, everything, recipe))
        # The clock starts once images are drawn: on a machine whose fonts were never looked at, the first drawing
        # takes a minute, which would be missing at the end.
        stream.wait(position.step)
        loop = _loop(retrain, lesson, position, share=share, reporters=reporters, device=device)
        _train(loop, _doubting(loop, mix, lesson, retrain), retrain)
    if share.rank == 0:
        after = _copied(lesson.before, loop.average.network)
        leave_candidate(retrain, lesson, after=after, position=loop.position)


def _loop(
    retrain: Retrain,
    lesson: Lesson,
    position: Position,
    *,
    share: Share,
    reporters: list[Reporter],
    device: torch.device,
) -> Loop:
    """Set up the loop where an earlier attempt on this machine stood, or at the start."""
    request, recipe = retrain.request, retrain.recipe
    left_s = request.train_s * (1 - position.progress)
    epoch_steps = len(lesson.train.labels) / (recipe.posted * share.world)
    if share.rank == 0:
        batch = recipe.batch * share.world
        events = EventLog(retrain.folder)
        reporters = [*reporters, Progress(events, epoch_steps=epoch_steps, batch=batch, begun=position.progress)]
    return Loop(
        copy.deepcopy(lesson.before),
        recipe.loop(
            seed=lesson.plan.seed,
            left_s=left_s,
            epoch_steps=epoch_steps,
            debug=request.debug,
            grown=bool(lesson.new),
        ),
        folder=retrain.scratch / _STATES,
        reporter=Reporters(reporters),
        validate=lambda network: {"held_out_exact": score(_reads(network, lesson.held_out, lesson.charset)).exact},
        share=share,
        device=device,
    )


def _replay(retrain: Retrain, lesson: Lesson, share: Share, *, first: int, stack: contextlib.ExitStack) -> Stream:
    """Draw images beside the training, for this worker alone, for as long as ``stack`` is open."""
    recipe = retrain.recipe
    folder = retrain.scratch / f"replay-{share.rank}"
    seed = _seed(lesson, share)
    # Examples of earlier retrains take the place of drawn images: both keep what is known.
    drawn = recipe.drawn - (recipe.remembered if lesson.remembered.labels else 0)
    first_round = Rounds(recipe.replay, drawn).position(first).round
    names = DrawNames(full=recipe.draw, easy=recipe.draw)
    pool = stack.enter_context(
        DrawingPool(folder=folder, names=names, seed=seed, data=recipe.replay, first=first_round, courteous=True)
    )

    def on_round(number: int) -> None:
        pool.round.value = number
        pool.check()

    return Stream(
        folder=folder,
        data=recipe.replay,
        batch=drawn,
        seed=seed,
        on_round=on_round,
        charset=lesson.charset,
    )


def _doubting(loop: Loop, mix: Mix, lesson: Lesson, retrain: Retrain) -> Callable[[int], Iterator[Batch]]:
    """Leave out the labels that look wrong, once the network has learnt what most of them agree on."""
    recipe = retrain.recipe

    def batches(step: int) -> Iterator[Batch]:
        doubted = False
        courtesy = Courtesy()
        for batch in mix.batches(step):
            if not doubted and loop.position.progress >= recipe.doubt_from:
                doubted = True
                seen = log_probabilities(loop.network, lesson.train.pixels)
                reads = reads_of(seen, lesson.train.labels, lesson.charset)
                new = [row for row, label in enumerate(lesson.train.labels) if lesson.new & set(label)]
                # What is new may not be learnt yet: its labels are not doubted.
                rows = trusted(reads, confidence=recipe.doubt_confidence, least_right=recipe.doubt_least_right)
                rows = sorted({*rows, *new})
                mix.trust(rows, _splicer(seen, lesson, rows, recipe))
                logger.info("going on with %d of %d labels", len(rows), len(reads))
            yield batch
            # The step is done, and what it had of the processors is known.
            courtesy.pause()

    return batches


def _splicer(seen: NDArray[np.float32], lesson: Lesson, rows: list[int], recipe: Recipe) -> Splicer | None:
    """Cut the pictures of ``rows`` where a network saw their characters: ``seen`` is what it said of all."""
    if len(rows) > recipe.splice_up_to:
        return None
    texts = [lesson.charset.encode(label) for label in lesson.train.labels]
    bounds = {row: character_bounds(seen[row], texts[row]) for row in rows}
    return Splicer(lesson.train.pixels, texts, {row: found for row, found in bounds.items() if found is not None})


def _train(loop: Loop, batches: Callable[[int], Iterator[Batch]], retrain: Retrain) -> None:
    """Run the loop; one that diverges falls back to its last good average, if it has one."""
    try:
        loop.run(batches)
    except DivergedError:
        state = newest_state(retrain.scratch / _STATES)
        if state is None:
            raise
        logger.warning("diverged; going back to %s", state.name, exc_info=True)
        loop.average.network.load_state_dict(read_average(state))
        loop.position = read_position(state)


def _copied(like: Recogniser, network: nn.Module) -> Recogniser:
    """Copy weights, from whatever device, to a network like ``like`` on the CPU."""
    copied = copy.deepcopy(like)
    copied.load_state_dict(network.state_dict())
    return copied


def _seed(lesson: Lesson, share: Share) -> int:
    """Give each worker its own order and drawings."""
    return lesson.plan.seed + share.rank


def _reads(network: nn.Module, examples: Examples, charset: Charset) -> list[Read]:
    return reads_of(log_probabilities(network, examples.pixels), examples.labels, charset)
