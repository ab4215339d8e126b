"""`glyphserve eval`: how well a model reads images whose texts are known."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from deployments.cli.errors import reports_errors
from deployments.cli.eval_outcome import Outcome
from deployments.cli.options import AgainOption, JsonOption
from ocr_model.constraint import NO_CONSTRAINT, Constraint
from ocr_model.doubt import AGAIN_BELOW

if TYPE_CHECKING:
    from ocr_model.reader import Reader


@reports_errors
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Images with a labels.csv (file,label), or a folder of such folders.")],
    model: Annotated[Path | None, typer.Option(help="Folder of a model; the shipped one if not given.")] = None,
    charset: Annotated[str | None, typer.Option(help="Only these characters may be read.")] = None,
    own_charset: Annotated[
        bool, typer.Option("--own-charset", help="Compare with each set restricted to the characters of its labels.")
    ] = False,
    as_json: JsonOption = False,
    save: Annotated[
        Path | None, typer.Option(help="Write report.json, table.csv and misread.png into this folder.")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the network.")] = 1,
    look_again_below: AgainOption = AGAIN_BELOW,
) -> None:
    """Measure a model on labelled images; needs no running service."""
    # ONNX Runtime takes a third of a second to import, which `status` and `down` need not wait for.
    from deployments.cli.eval_output import report, save_outcome, show  # noqa: PLC0415
    from ocr_model.labelled import labelled_folders  # noqa: PLC0415
    from ocr_model.reader import Reader  # noqa: PLC0415
    from ocr_model.weights import base_folder  # noqa: PLC0415

    constraint = NO_CONSTRAINT if charset is None else Constraint(characters=frozenset(charset))
    folders = labelled_folders(folder)
    reader = Reader.load(model or base_folder(), threads=threads, again_below=look_again_below)
    outcome = _measure(reader, folders, constraint, own=own_charset)
    if as_json:
        typer.echo(json.dumps(report(outcome), indent=1, ensure_ascii=False))
    else:
        show(outcome, Console())
    if save is not None:
        save_outcome(outcome, save)


def _measure(reader: "Reader", folders: dict[str, Path], constraint: Constraint, *, own: bool) -> Outcome:
    from ocr_model.evaluation import evaluate as measure  # noqa: PLC0415 - comes with the reader
    from ocr_model.labelled import read_labels  # noqa: PLC0415

    reader.check(constraint)
    free = {name: measure(reader, path, constraint=constraint) for name, path in folders.items()}
    if not own:
        return Outcome(reader.version, folders, free, None)
    restricted = {}
    for name, path in folders.items():
        characters = frozenset("".join(image.label for image in read_labels(path)))
        restricted[name] = measure(reader, path, constraint=Constraint(characters=characters))
    return Outcome(reader.version, folders, free, restricted)
