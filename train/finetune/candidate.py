"""What a training leaves: the candidate's model folder, whole or not at all."""

import logging
import shutil
import statistics

import numpy as np

from ocr_model.charset import Charset
from ocr_model.checkpoint import save_checkpoint
from ocr_model.ctc import label_probability
from ocr_model.errors import CheckpointError
from ocr_model.folder import verify
from ocr_model.manifest import MANIFEST_FILE, Manifest, lineage_after
from ocr_model.network import Recogniser
from ocr_model.scoring import score
from train.drawing import find_draw
from train.finetune.blend import blended, choose_blend
from train.finetune.examples import Examples
from train.finetune.golden import rehearsal_set
from train.finetune.new_rows import NewRows
from train.finetune.plan import CANDIDATE, Plan, Retrain
from train.shards import draw_shard
from train.state import Position
from train.temperature import fit_temperature
from train.validation import log_probabilities, reads_of

logger = logging.getLogger(__name__)

_ROWS_NUMBER = 999_997
"""Of the drawn images that new characters' rows are fitted on: beyond any run's, so that none was trained on."""

_CALIBRATED_ON = 250
"""Images of each kind that the temperature is fitted on: decoding more would only take time."""

_RANGED_ON_DRAWN = 192
_RANGED_ON_POSTED = 64
"""Images of each kind that give the 8-bit graph its ranges; more of them widen the ranges by outliers."""


def leave_candidate(
    retrain: Retrain,
    plan: Plan,
    *,
    before: Recogniser,
    after: Recogniser,
    parent: Manifest,
    posted: Examples,
    held_out: Examples,
    position: Position,
) -> None:
    """Blend, calibrate, export and put the candidate into the retrain's folder.

    Args:
        retrain: whose candidate it is.
        plan: its plan.
        before: the serving network, grown to the plan's charset.
        after: the averaged weights of the training.
        parent: the serving model's manifest.
        posted: examples that were trained on.
        held_out: examples that only calibrate its confidence.
        position: where the training ended.

    Raises:
        StoreError: the folder cannot be written.
    """
    charset = Charset(plan.charset)
    drawn = rehearsal_set(retrain.recipe.blend_images, parent.charset_object, seed=plan.seed)
    network, share = _between(
        retrain, plan, before, after, posted=posted, drawn=drawn, known=parent.charset_object.size
    )
    logger.info("blended %.2f of what was learnt", share)
    measures = score(reads_of(log_probabilities(network, held_out.pixels), held_out.labels, charset))
    metrics = {f"held_out/{name}": float(value) for name, value in measures.as_dict().items() if value is not None}
    folder = retrain.scratch / CANDIDATE
    shutil.rmtree(folder, ignore_errors=True)
    save_checkpoint(
        folder,
        network=network,
        charset=charset,
        metrics=metrics | {"blend": share, "training_s": round(position.elapsed_s, 1)},
        lineage=lineage_after(
            parent,
            run=retrain.request.retrain_id,
            steps=position.step,
            images=position.images,
            seed=plan.seed,
        ),
        prefix="retrain",
        temperature=_temperature(network, charset, drawn, held_out),
        # Pixels without their labels: the ranges of an 8-bit graph tell nothing of what is to be judged.
        calibration=np.concatenate([drawn.pixels[:_RANGED_ON_DRAWN], held_out.pixels[:_RANGED_ON_POSTED]]),
    )
    target = retrain.folder.child(CANDIDATE)
    # The manifest last: without it a folder is no model.
    for path in sorted(folder.iterdir(), key=lambda path: path.name == MANIFEST_FILE):
        target.put(path.name, path.read_bytes())


def _between(
    retrain: Retrain,
    plan: Plan,
    before: Recogniser,
    after: Recogniser,
    *,
    posted: Examples,
    drawn: Examples,
    known: int,
) -> tuple[Recogniser, float]:
    """Keep as much of what was learnt as ``drawn`` allows; the rows of new characters are fitted to each blend.

    Args:
        retrain: whose recipe it is.
        plan: its plan.
        before: the serving network, grown to the plan's charset.
        after: the learnt one.
        posted: examples that show the new characters, if there are any.
        drawn: what the share is chosen on.
        known: classes that are not new, the blank included.
    """
    recipe, charset = retrain.recipe, Charset(plan.charset)
    grown = charset.size > known
    rows: NewRows | None = None
    if grown:
        settings = recipe.rows(debug=retrain.request.debug)
        others = draw_shard(find_draw(recipe.draw), seed=plan.seed, number=_ROWS_NUMBER, images=settings.drawn_images)
        rows = NewRows(posted, others, charset, known=known, settings=settings, seed=plan.seed)

    def towards(share: float) -> Recogniser:
        network = blended(before, after, share, known=known)
        return rows.fitted(network) if rows else network

    return choose_blend(
        before,
        towards,
        lambda network: _of_truth(network, charset, drawn),
        shares=recipe.shares(grown=grown),
        margin_points=recipe.blend_margin_points,
    )


def _of_truth(network: Recogniser, charset: Charset, drawn: Examples) -> float:
    """Give the mean probability, in percent, that a network gives to the texts of drawn images."""
    # It tells two networks apart with a sixth of the images that counting those read exactly takes.
    columns = log_probabilities(network, drawn.pixels)
    of_truth = [label_probability(c, charset, text) for c, text in zip(columns, drawn.labels, strict=True)]
    return 100 * statistics.fmean(of_truth)


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


def _temperature(network: Recogniser, charset: Charset, drawn: Examples, held_out: Examples) -> float:
    """Fit on drawn and posted images alike: confidences are to be honest for both."""
    pixels = np.concatenate([drawn.pixels[:_CALIBRATED_ON], held_out.pixels[:_CALIBRATED_ON]])
    labels = [*drawn.labels[:_CALIBRATED_ON], *held_out.labels[:_CALIBRATED_ON]]
    return fit_temperature(log_probabilities(network, pixels), labels, charset)
