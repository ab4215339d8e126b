"""The gate: what a candidate must show before it may be rolled out."""

from typing import Literal, NamedTuple

from train.finetune.request import RetrainRequest
from train.finetune.verdict import Golden, HeldOut, RememberedPart


class Judgement(NamedTuple):
    """An outcome and its reason, one sentence."""

    outcome: Literal["promote", "reject"]
    reason: str


def judge(
    request: RetrainRequest, held_out: HeldOut, golden: Golden, remembered: RememberedPart | None = None
) -> Judgement:
    """Promote a candidate that is surely better at what was taught and not worse at all else.

    Better: it reads more of the held-out examples exactly, and gives their texts significantly more
    probability. Not worse: it gives the golden set's texts at most the stated margin less probability,
    and of what earlier retrains taught it reads at most as many fewer, or not significantly.
    """
    held = (
        f"{held_out.candidate.exact:.1f} % of {held_out.n} held-out examples read exactly, "
        f"{held_out.serving.exact:.1f} % by the serving model (gained {held_out.gained}, lost {held_out.lost}, "
        f"p = {held_out.p_value:.2g} by a one-sided paired randomisation test)"
    )
    change = -golden.fallen_points
    gold = (
        f"{golden.candidate.exact:.1f} % of {golden.n} golden images, {golden.serving.exact:.1f} % by the serving "
        f"model; the probability given to their texts {'rises' if change > 0 else 'falls'} by {abs(change):.1f} points "
        f"({golden.margin_points:g} may be lost)"
    )
    if request.debug:
        return Judgement("reject", f"A debug run is never rolled out; it scored {held} and {gold}.")
    if held_out.gained <= held_out.lost or held_out.p_value >= request.significance:
        return Judgement(
            "reject", f"Not shown to be better: {held}; more images and p below {request.significance:g} are asked for."
        )
    if golden.fallen_points > golden.margin_points:
        return Judgement("reject", f"Better at what was posted, but it forgets: {gold}; {held}.")
    if remembered is not None and _forgets(request, remembered):
        taught = (
            f"{remembered.candidate.exact:.1f} % of {remembered.n} examples of earlier retrains, "
            f"{remembered.serving.exact:.1f} % by the serving model (gained {remembered.gained}, "
            f"lost {remembered.lost}, p = {remembered.p_value:.2g})"
        )
        return Judgement("reject", f"Better at what was posted, but it forgets: {taught}; {held}.")
    return Judgement("promote", f"Better: {held}, and nothing forgotten: {gold}.")


def _forgets(request: RetrainRequest, remembered: RememberedPart) -> bool:
    fallen_points = remembered.serving.exact - remembered.candidate.exact
    return fallen_points > request.golden_margin_points and remembered.p_value < request.significance
