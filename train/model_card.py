"""``python -m train.model_card WEIGHTS REPORT PEERS``: the model card, from what was measured.

The prose is here, the numbers come from the manifest and from `train.evaluate`'s report, so that a
card can never claim what its weights did not do.
"""

import csv
import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from ocr_model.folder import verify
from ocr_model.manifest import Manifest
from ocr_model.reliability import BINS
from ocr_model.scoring import Score, mean_score
from train.confidence import Answers
from train.errors import DatasetError
from train.soup import MEAN_OF
from train.write_model import HOURS

CARD = "MODEL_CARD.md"

_TEXT = """# {version}

The model that glyphserve ships: it reads short distorted text (captchas, serials, codes) of 3 to 10
digits and Latin letters, with a confidence for the text and for each character.

| | |
|---|---|
| reads | {count} characters: `{charset}` |
| input | {width} x {height} RGB, any picture trimmed and resized by `ocr_model.normalise` |
| network | residual convolutions, one bidirectional LSTM beside a bypass, CTC; {sizes} |
| files | {files} |
| licence | Apache-2.0, as the project |

## Training

{steps:,} steps over {images:,} images (each drawn image is used several times, varied each time) in
{hours:.2f} hours, seed {seed}, on {machine}.

All images are drawn by `train.synth`: its own style families, and the PyPI packages `captcha`,
`claptcha`, `wheezy.captcha` and `multicolorcaptcha`. In runs since 2026-11-29 the family `handwritten` puts its
digits together from the 1,797 single ones of scikit-learn's `load_digits` (UCI, CC BY 4.0). No other photographed
or collected image was trained on, and none of any other generator.
The weights shipped are the exponential average over the steps{mean}.
{note}

![learning curve](../../../docs/model/learning_curve.png)

```sh
make pretrain                                              # or, with a time to end at:
python -m train.pretrain --out runs/base --finish-at 2026-01-31T18:00:00+00:00
python -m train.export_run runs/base FOLDER                # also while it runs
python -m train.soup MEAN FOLDER FOLDER                    # the mean of models, where there are several
python -m train.evaluate FOLDER EVAL --save report.json
python -m train.confidence report.json docs/model/confidence.png
python -m train.model_card FOLDER report.json EVAL/peers.csv
```

## How well it reads

Percent of images read exactly, 100 images a family, one model, default settings (an image read with
doubt is looked at three times), no restriction of charset or length. Families marked * are drawn by
generators that the training also draws with; the others were never seen. Case pairs that share a
shape (c, o, s, v, w, x, z) make case undecidable in some families, so both columns are given. Best
peer: the best of {peers} open readers on that family.

| family | ignoring case | with case | character errors | confidence | best peer, ignoring case |
|---|---|---|---|---|---|
{rows}

Held-out drawn images: {held_exact_ci:.1f} % ignoring case, {held_exact:.1f} % with case.

## How far its confidence can be trusted

One temperature, {temperature}; no image of the families above was used to find it. {confidence}

![reliability, and risk over coverage](../../../docs/model/confidence.png)

## Limits

- One line of text. Longer than about 12 characters, or several lines, is beyond it.
- Characters outside the charset are read as their nearest look-alike; retraining adds characters.
- Where a family's score above is low, so it is for its like: nothing was tuned for these twelve.
- It is made for testing and for reading one's own images. Where a site's captcha says that people
  must solve it, use it only with that site's leave.
"""

DRAWN_FROM = frozenset({"lepture_digits", "lepture_alnum", "claptcha", "wheezy", "multicolorcaptcha"})
"""Measured families whose generators the training may draw with."""

_SHARES = (0.25, 0.5, 0.75)


class Peer(NamedTuple):
    """The best of other readers on a family, in percent ignoring case."""

    name: str
    exact_ignoring_case: float


class Peers(NamedTuple):
    """What other readers score on the same families.

    Attributes:
        best: the best on each family.
        alone: the one with the best mean over all families.
        readers: how many there are.
    """

    best: dict[str, Peer]
    alone: Peer
    readers: int


def read_peers(path: Path) -> Peers:
    """Read a table of peer, family, exact_ci.

    Raises:
        DatasetError: the table is missing or malformed.
    """
    best: dict[str, Peer] = {}
    scores: dict[str, list[float]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                peer = Peer(row["peer"], float(row["exact_ci"]))
                scores.setdefault(peer.name, []).append(peer.exact_ignoring_case)
                if peer.exact_ignoring_case > best.get(row["family"], Peer("none", -1.0)).exact_ignoring_case:
                    best[row["family"]] = peer
    except (OSError, KeyError, ValueError) as e:
        raise DatasetError(f"{path} is no table of peer, family and exact_ci.") from e
    if not scores:
        raise DatasetError(f"{path} names no peer.")
    means = [Peer(name, sum(each) / len(each)) for name, each in scores.items()]
    return Peers(best, max(means, key=lambda peer: peer.exact_ignoring_case), len(scores))


def _row(name: str, measures: dict[str, Any], peer: str) -> str:
    return (
        f"| {name} | {measures['exact_ignoring_case']:.1f} | {measures['exact']:.1f} "
        f"| {measures['character_error_rate']:.1f} | {measures['mean_confidence']:.2f} | {peer} |"
    )


def _rows(report: dict[str, Any], peers: Peers) -> str:
    best, alone = peers.best, peers.alone
    lines = []
    for family, measures in report["sets"].items():
        peer = best.get(family)
        told = "" if peer is None else f"{peer.exact_ignoring_case:.0f} ({peer.name})"
        lines.append(_row(f"{family}{' *' if family in DRAWN_FROM else ''}", measures, told))
    known = [best[family].exact_ignoring_case for family in report["sets"] if family in best]
    mean = f"{alone.exact_ignoring_case:.1f} ({alone.name}, best alone)"
    if known:
        mean += f"; {sum(known) / len(known):.1f} (each family's best)"
    lines.append(_row("**mean**", report["mean"], mean))
    unseen = [measures for family, measures in report["sets"].items() if family not in DRAWN_FROM]
    if unseen and len(unseen) < len(report["sets"]):
        average = mean_score([Score(**measures) for measures in unseen])
        lines.append(_row("mean of the never seen", average.as_dict(), ""))
    return "\n".join(lines)


def _confidence(report: dict[str, Any]) -> str:
    """Tell the calibration error, over all images and the unseen, and what is wrong among the surest."""
    everything = Answers(report)
    told = f"Over all {len(everything.right):,} images the expected calibration error ({BINS} bins) is "
    told += f"{everything.calibration_error:.3f}"
    unseen = [family for family in report["sets"] if family not in DRAWN_FROM]
    if unseen and len(unseen) < len(report["sets"]):
        told += f", over the never seen families {Answers(report, unseen).calibration_error:.3f}"
    risks = ", ".join(f"{100 * everything.risk_at(share):.1f} % of the surest {share:.0%}" for share in _SHARES)
    return f"{told}. Wrong are {risks}, {100 * everything.risk_at(1):.1f} % of all (with case)."


def render(manifest: Manifest, report: dict[str, Any], *, peers: Path, machine: str, note: str = "") -> str:
    """Write the card's text."""
    others = read_peers(peers)
    network = manifest.network
    height, width, _ = manifest.input_shape
    return _TEXT.format(
        version=manifest.version,
        count=len(manifest.charset),
        charset=manifest.charset,
        width=width,
        height=height,
        sizes=f"stem {network.stem_channels} with {network.stem_blocks} residual blocks, "
        f"stages {'/'.join(map(str, network.stage_channels))} of {'/'.join(map(str, network.stage_blocks))} blocks, "
        f"LSTM {network.hidden} each way",
        files=", ".join(f"`{name}` {digest.bytes / 1e6:.1f} MB" for name, digest in manifest.files.items()),
        steps=manifest.lineage.steps,
        images=manifest.lineage.images,
        hours=manifest.metrics[HOURS],
        mean=f", and the {manifest.lineage.run}" if (manifest.lineage.run or "").startswith(MEAN_OF) else "",
        seed=manifest.lineage.seed,
        machine=machine,
        note=note,
        peers=others.readers,
        rows=_rows(report, others),
        held_exact_ci=manifest.metrics["held_out/exact_ignoring_case"],
        held_exact=manifest.metrics["held_out/exact"],
        temperature=manifest.temperature,
        confidence=_confidence(report),
    )


def main(
    weights: Annotated[Path, typer.Argument(help="A checkpoint folder; the card is written into it.")],
    report: Annotated[Path, typer.Argument(help="JSON that `train.evaluate --save` wrote.")],
    peers: Annotated[Path, typer.Argument(help="CSV of peer, family, exact_ci.")],
    machine: Annotated[str, typer.Option(help="Where it was trained, in words.")] = "two shared CPU cores",
    note: Annotated[str, typer.Option(help="What else to say of the training.")] = "",
) -> None:
    """Write a model's card beside its weights."""
    manifest = verify(weights)
    measured = json.loads(report.read_text(encoding="utf-8"))
    if measured["model_version"] != manifest.version:
        raise DatasetError(f"The report is of {measured['model_version']}, the weights are {manifest.version}.")
    text = render(manifest, measured, peers=peers, machine=machine, note=note)
    (weights / CARD).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
