"""`glyphserve retrain`: post labelled images, or learn from corrections, and watch what comes of it."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from deployments.cli.errors import reports_errors
from deployments.cli.labelled_images import labelled_files
from deployments.cli.options import JsonOption
from deployments.cli.outcome import watch
from deployments.cli.service import KeyOption, Service, UrlOption
from deployments.errors import InputError


@reports_errors
def retrain(
    source: Annotated[
        Path | None,
        typer.Argument(help="A folder with a labels.csv (columns file, label), or such a file.", show_default=False),
    ] = None,
    stems: Annotated[bool, typer.Option("--stems", help="The names of the folder's files are the labels.")] = False,
    corrections: Annotated[
        bool, typer.Option("--corrections", help="Learn from the stored corrections, alone or besides.")
    ] = False,
    since: Annotated[
        datetime | None, typer.Option(help="Only from corrections made at that time (UTC) or later.")
    ] = None,
    rehearse: Annotated[bool, typer.Option("--debug", help="Run a few steps and never roll out.")] = False,
    no_follow: Annotated[bool, typer.Option("--no-follow", help="Return once the job is queued.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
    key: KeyOption = None,
) -> None:
    """Teach the service: post labelled images and watch training, verdict and rollout.

    Exit code 0: promoted, or queued with --no-follow, or rehearsed with --debug; 1: failed; 3: rejected, the service
    is as before; 4: cancelled. Ctrl-C ends the watching, not the job.
    """
    if source is None and not corrections:
        raise InputError("nothing to learn from: name a folder or a labels.csv, or give --corrections")
    body = _images(source, stems=stems) if source is not None else {}
    body |= {"corrections": corrections, "debug": rehearse}
    if since is not None:
        body["since"] = since.replace(tzinfo=UTC).isoformat()
    with Service(url, key=key) as service:
        with Console(stderr=True).status(f"sending {len(body.get('list_label', []))} images to {service.url}"):
            job = service.send("POST", "/v1/retrains", body)
        if not no_follow:
            watch(service, job, as_json=as_json)
        elif as_json:
            typer.echo(json.dumps(job, ensure_ascii=False))
        else:
            ahead = f" behind {job['queue_position']}" if job["queue_position"] else ""
            typer.echo(f"job {job['id']} is {job['state']}{ahead}, labelled images: {job['examples']}")


def _images(source: Path, *, stems: bool) -> dict[str, Any]:
    found = labelled_files(source, stems=stems)
    images = []
    for file in found:
        try:
            images.append(base64.b64encode(file.path.read_bytes()).decode())
        except OSError as e:
            raise InputError(f"{file.path}: {e.strerror or 'cannot be read'}") from e
    return {"list_images_base64": images, "list_label": [file.label for file in found]}
