"""`glyphserve read`: read image files here and now, without a cluster."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track

from deployments.cli.errors import UNREADABLE_EXIT, reports_errors
from deployments.cli.options import AgainOption
from deployments.cli.read_output import Format, Line, writer
from ocr_model.constraint import Constraint
from ocr_model.doubt import AGAIN_BELOW
from ocr_model.errors import ImageError

if TYPE_CHECKING:
    from ocr_model.reader import Reader

ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".webp"})
STDIN = Path("-")
BATCH = 16


@reports_errors
def read(
    images: Annotated[list[Path], typer.Argument(help="Image files, folders of them, or - for one image on stdin.")],
    output: Annotated[Format, typer.Option("--format", help="How the answers are written.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json: one object a line.")] = False,
    charset: Annotated[str | None, typer.Option(help="Only these characters may be read.")] = None,
    min_length: Annotated[int | None, typer.Option(help="Fewest characters of an answer.")] = None,
    max_length: Annotated[int | None, typer.Option(help="Most characters of an answer.")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of a model; the shipped one if not given.")] = None,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Threads of the network.")] = 1,
    look_again_below: AgainOption = AGAIN_BELOW,
) -> None:
    """Read image files with the shipped model; needs no running service.

    Exit code 5: at least one of the images could not be read.
    """
    # ONNX Runtime takes a third of a second to import, which `status` and `down` need not wait for.
    from ocr_model.reader import Reader  # noqa: PLC0415
    from ocr_model.weights import base_folder  # noqa: PLC0415

    constraint = Constraint(
        characters=None if charset is None else frozenset(charset), min_length=min_length, max_length=max_length
    )
    reader = Reader.load(model or base_folder(), threads=threads, again_below=look_again_below)
    reader.check(constraint)
    files = list(images_in(images))
    lines: Iterable[Line] = _read(reader, files, constraint)
    if len(files) > BATCH and sys.stderr.isatty():
        lines = track(lines, total=len(files), description="reading", transient=True)
    unreadable = 0
    with writer(Format.JSON if as_json else output) as write:
        for line in lines:
            unreadable += line.error is not None
            write(line)
    if unreadable:
        typer.echo(f"error: images that could not be read: {unreadable} of {len(files)}", err=True)
        raise typer.Exit(UNREADABLE_EXIT)


def images_in(paths: Sequence[Path]) -> Iterator[Path]:
    """The files themselves; of a folder, the images in it and below, in the order of their names."""
    for path in paths:
        if path != STDIN and path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS)
        else:
            yield path


def _read(reader: "Reader", files: Sequence[Path], constraint: Constraint) -> Iterator[Line]:
    waiting = iter(files)
    while batch := list(islice(waiting, BATCH)):
        yield from _read_batch(reader, batch, constraint)


def _read_batch(reader: "Reader", files: Sequence[Path], constraint: Constraint) -> list[Line]:
    import numpy as np  # noqa: PLC0415 - comes with the reader

    lines, pixels, places = [Line(file=str(file)) for file in files], [], []
    for place, file in enumerate(files):
        try:
            data = sys.stdin.buffer.read() if file == STDIN else file.read_bytes()
            pixels.append(reader.prepare(data))
            places.append(place)
        except (ImageError, OSError) as e:
            detail = e.detail if isinstance(e, ImageError) else e.strerror or "cannot be read"
            lines[place] = Line(file=str(file), error=detail)
    if pixels:
        readings = reader.recognise(np.stack(pixels), [constraint] * len(pixels))
        for place, reading in zip(places, readings, strict=True):
            lines[place] = Line(
                file=lines[place].file,
                text=reading.text,
                confidence=round(reading.confidence, 4),
                character_confidences=tuple(round(c, 4) for c in reading.character_confidences),
            )
    return lines
