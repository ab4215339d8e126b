"""What a training leaves: the candidate's model folder, whole or not at all."""

import logging
import math
import shutil

import numpy as np
from torch import nn

from ocr_model.charset import Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.ctc import label_probability
from ocr_model.errors import CheckpointError
from ocr_model.folder import verify
from ocr_model.manifest import MANIFEST_FILE, lineage_after
from ocr_model.network import Recogniser
from ocr_model.routed_network import RoutedRecogniser
from ocr_model.router import Router
from ocr_model.scoring import score
from train.finetune.blend import blended, choose_blend
from train.finetune.examples import Examples
from train.finetune.golden import rehearsal_set
from train.finetune.lesson import Lesson
from train.finetune.plan import CANDIDATE, Retrain
from train.finetune.prepare import parent_folder
from train.finetune.routing import fit_router, sent_to_expert
from train.finetune.unseen import made_unlikely
from train.state import Position
from train.temperature import fit_temperature
from train.validation import log_probabilities, reads_of

logger = logging.getLogger(__name__)

_CHOSEN_ON, _ROUTED_BY = 0, 1
"""Numbers of the sets of drawn images."""

_CALIBRATED_ON = 250
"""Images of each kind that the temperature is fitted on: decoding more would only take time."""

_RANGED_ON_TAUGHT, _RANGED_ON_OTHERS = 128, 64
"""Images that were trained on, and of those held out and of drawn ones, that give the expert's 8-bit graph its ranges;
more of them widen the ranges by outliers."""


def leave_candidate(retrain: Retrain, lesson: Lesson, *, after: Recogniser, position: Position) -> None:
    """Route, blend, calibrate, export and put the candidate into the retrain's folder.

    Args:
        retrain: whose candidate it is.
        lesson: what was learnt from and with.
        after: the averaged weights of the training; its output layer's biases are changed.
        position: where the training ended.

    Raises:
        StoreError: the folder cannot be written.
    """
    held_out = lesson.held_out
    drawn = rehearsal_set(
        retrain.recipe.blend_images, lesson.parent.charset_object, seed=lesson.plan.seed, number=_CHOSEN_ON
    )
    network, metrics = _routed(retrain, lesson, after, drawn)
    folder = retrain.scratch / CANDIDATE
    shutil.rmtree(folder, ignore_errors=True)
    save_checkpoint(
        folder,
        network=network,
        charset=lesson.charset,
        metrics=metrics | {"training_s": round(position.elapsed_s, 1)},
        lineage=lineage_after(
            lesson.parent,
            run=retrain.request.retrain_id,
            steps=position.step,
            images=position.images,
            seed=lesson.plan.seed,
        ),
        prefix="retrain",
        temperature=lesson.parent.temperature,
        expert_temperature=_temperature(network.expert, lesson.charset, drawn, held_out),
        # Pixels without their labels: the ranges of an 8-bit graph tell nothing of what is to be judged.
        calibration=np.concatenate(
            [lesson.taught[:_RANGED_ON_TAUGHT], held_out.pixels[:_RANGED_ON_OTHERS], drawn.pixels[:_RANGED_ON_OTHERS]]
        ),
        general=parent_folder(retrain.request.parent, retrain.scratch),
    )
    target = retrain.folder.child(CANDIDATE)
    # The manifest last: without it a folder is no model.
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST_FILE):
        target.put(path.name, path.read_bytes())


def _routed(
    retrain: Retrain, lesson: Lesson, after: Recogniser, drawn: Examples
) -> tuple[RoutedRecogniser, dict[str, float]]:
    """Set what was learnt beside the general network, behind a router; with the measures of both."""
    held_out, seed = lesson.held_out, lesson.plan.seed
    # Others than those that the share is chosen on: a router is better on images that it was fitted to.
    others = rehearsal_set(retrain.recipe.router_images, lesson.parent.charset_object, seed=seed, number=_ROUTED_BY)
    router = fit_router(lesson.general, taught=lesson.taught, others=others.pixels, held_out=held_out.pixels, seed=seed)
    made_unlikely(after, lesson.general, lesson.charset, [*lesson.train.labels, *lesson.remembered.labels])
    network, share = _between(retrain, lesson, after, router, drawn)
    logger.info("kept %.2f of what was learnt", share)
    measures = score(reads_of(log_probabilities(network, held_out.pixels), held_out.labels, lesson.charset))
    metrics = {f"held_out/{name}": float(value) for name, value in measures.as_dict().items() if value is not None}
    sent = {"held_out": held_out.pixels, "drawn": drawn.pixels}
    metrics |= {f"expert/{name}": 100 * float(sent_to_expert(router, pixels).mean()) for name, pixels in sent.items()}
    return network, metrics | {"blend": share}


def _between(
    retrain: Retrain, lesson: Lesson, after: Recogniser, router: Router, drawn: Examples
) -> tuple[RoutedRecogniser, float]:
    """Keep as much of what was learnt as ``drawn`` allows: all of it, unless the router takes many of them for taught.

    Args:
        retrain: whose recipe it is.
        lesson: what was learnt from and with.
        after: the learnt network.
        router: the candidate's.
        drawn: what the share is chosen on.
    """
    serving, known = lesson.serving, lesson.parent.charset_object
    # What the general network reads before and after is read alike.
    sent = sent_to_expert(router, drawn.pixels)
    if isinstance(serving, RoutedRecogniser):
        sent |= sent_to_expert(serving.router, drawn.pixels)
    moved = drawn.of(np.flatnonzero(sent).tolist())
    before = _of_truth(serving, known, moved)

    def forgotten(network: RoutedRecogniser) -> float:
        return (before - _of_truth(network, lesson.charset, moved)) / len(drawn.labels)

    return choose_blend(
        lambda share: RoutedRecogniser(
            lesson.general, blended(lesson.before, after, share, known=known.size), router
        ).eval(),
        forgotten,
        shares=retrain.recipe.blends,
        margin_points=retrain.recipe.blend_margin_points,
    )


def _of_truth(network: nn.Module, charset: Charset, drawn: Examples) -> float:
    """Give the summed probability, in percent, that a network gives to the texts of drawn images."""
    # It tells two networks apart with a sixth of the images that counting those read exactly takes.
    if not drawn.labels:
        return 0.0
    columns = log_probabilities(network, drawn.pixels)
    of_truth = [label_probability(c, charset, text) for c, text in zip(columns, drawn.labels, strict=True)]
    return 100 * math.fsum(of_truth)


def has_candidate(retrain: Retrain) -> bool:
    """Whether an earlier attempt at the same retrain left a whole candidate."""
    target = retrain.folder.child(CANDIDATE)
    if not target.exists(MANIFEST_FILE):
        return False
    try:
        manifest = verify(target.fetch(retrain.scratch / "fetched"))
    except CheckpointError:
        return False
    return manifest.lineage.run == retrain.request.retrain_id


def _temperature(expert: Recogniser, charset: Charset, drawn: Examples, held_out: Examples) -> float:
    """Fit on posted images, and on drawn ones since a few dozen, all of them read, would make it sure of anything."""
    pixels = np.concatenate([drawn.pixels[:_CALIBRATED_ON], held_out.pixels[:_CALIBRATED_ON]])
    labels = [*drawn.labels[:_CALIBRATED_ON], *held_out.labels[:_CALIBRATED_ON]]
    return fit_temperature(log_probabilities(expert, pixels), labels, charset)
