"""A running service in which `benchmarks.rollout_cases` brings faults about."""

import base64
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image

from benchmarks.own_service import REPOSITORY, OwnService
from deployments.rollout.library import ModelLibrary

_PATIENCE_S = 90.0
_TRAINING_S = 300.0
_EVERY_S = 0.05
_ENDED = {"promoted", "rejected", "failed", "cancelled"}


class WrongError(Exception):
    """The service is not as it should be after a fault."""


class Stage:
    """A running service in which faults are brought about.

    Args:
        service: the service.
        library: its versions.
        count: replicas that read, at the start.
        base: the version that serves.
        other: a second good one.
    """

    def __init__(self, service: OwnService, library: ModelLibrary, count: int, *, base: str, other: str) -> None:
        self.service = service
        self.library = library
        self.count = count
        self.base = base
        self.other = other
        self.activated = {base}
        """Versions that were ever to answer."""
        self.client = httpx.Client(base_url=service.url, timeout=90)

    def activate(self, version: str) -> httpx.Response:
        """Ask for a version; it may answer from now on, if it is a good one."""
        if version in {self.base, self.other}:
            self.activated.add(version)
        return self.client.post(f"/v1/models/{version}/activate")

    def activated_by(self, version: str) -> dict[str, Any]:
        """Ask for a version and get it."""
        answer = self.activate(version)
        check(answer.status_code == 200, f"{answer.status_code} {answer.text[:200]}")
        return dict(answer.json())

    def next_version(self) -> str:
        """The good version that does not serve."""
        return self.base if self.library.pointer().version == self.other else self.other

    def replicas(self, role: str = "replica: Recognizer") -> list[psutil.Process]:
        """Processes of a role."""
        return self.service.processes_by_role().get(role, [])

    def kill(self, role: str = "replica: Recognizer") -> psutil.Process:
        """SIGKILL to the first process of a role."""
        victim = self.replicas(role)[0]
        victim.kill()
        return victim

    def served(self) -> set[str]:
        """Versions that answer now, asked often enough to meet every replica."""
        return {str(self.client.get("/healthz/ready").json().get("model_version")) for _ in range(6 * self.count)}

    def settle(self) -> None:
        """Wait until every replica is there and reads with what the pointer names."""
        self.wait_for(lambda: len(self.replicas()) >= self.count, "all replicas to be there")
        self.wait_for(lambda: self.served() == {self.library.pointer().version}, "all to serve the same")

    def wait_for(self, condition: Callable[[], bool], what: str, *, patience_s: float = _PATIENCE_S) -> None:
        """Look again and again.

        Raises:
            WrongError: it did not come true.
        """
        deadline_s = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline_s:
                raise WrongError(f"waited in vain for {what}")
            time.sleep(_EVERY_S)

    def order(self, count: int = 24) -> str:
        """Post examples for a debug retrain; its path."""
        picture = next((REPOSITORY / "docs" / "images").iterdir())
        body = {
            "list_images_base64": [_speckled(picture, number) for number in range(count)],
            "list_label": [f"{number:04}" for number in range(count)],
            "debug": True,
        }
        answer = self.client.post("/captcha_retrain_model", json=body)
        check(answer.status_code == 200, answer.text[:200])
        return str(answer.headers["Location"])

    def ended(self, path: str) -> dict[str, Any]:
        """Wait for a retrain's end; what is said of it."""
        self.wait_for(
            lambda: self.client.get(path).json()["state"] in _ENDED, "the retrain's end", patience_s=_TRAINING_S
        )
        return dict(self.client.get(path).json())


def drivers(path: str) -> list[psutil.Process]:
    """Processes that train for the retrain at a path."""
    name = path.rpartition("/")[2]
    found = []
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "train.job" in command and any(name in part for part in command):
            found.append(process)
    return found


def check(good: bool, otherwise: str) -> None:
    """Raise WrongError unless all is well."""
    if not good:
        raise WrongError(otherwise)


def _speckled(path: Path, number: int) -> str:
    """The same picture as another one, in base64: equal pictures count once."""
    picture = Image.open(path).convert("RGB")
    for place in range(number + 1):
        picture.putpixel((place, 1), (255, 0, 0))
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()
