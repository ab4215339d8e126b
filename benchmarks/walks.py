"""Walks through the service's routes by the links of its OpenAPI document: whatever comes of them, no 500.

    python -m benchmarks.walks --walks 400 --steps 12
    python -m benchmarks.walks --url http://127.0.0.1:8000      a service that runs already, and is not kept clean

Schemathesis draws what each operation is sent: what an earlier answer held where a link says so, by
chance elsewhere. Half of what should be an image is one, and half of the labels can be kept, since by
chance few would ever be, and nothing would be there to link to. Without --url a service of its own is
started. Exits with 1 at the first answer that is a 5xx or not as documented, after printing how to get
there again.
"""

import argparse
import base64
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import cycle
from math import ceil
from pathlib import Path
from typing import Any, ClassVar
from zlib import crc32

import hypothesis
import requests
import schemathesis
from hypothesis.errors import FlakyStrategyDefinition
from schemathesis import checks
from schemathesis.generation.stateful.state_machine import APIStateMachine

from benchmarks.load import images_of
from benchmarks.own_service import REPOSITORY, own_service

CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
)
_EVENTS = "/v1/retrains/{id}/events"
_LABEL = "/v1/recognitions/{id}/label"
_CALL_S = 60.0
_BATCH = 10


class Walk(APIStateMachine):
    """One walk; subclasses of Schemathesis's own machine mix it in.

    Attributes:
        images: real ones, in base64, used in turn.
        answered: how often each operation was answered with each code.
    """

    images: ClassVar[Iterator[str]]
    answered: ClassVar[Counter[str]]

    def before_call(self, case: schemathesis.Case[Any]) -> None:
        """Put a real image or label where one belongs, every other time; end a job whose events are asked for."""
        super().before_call(case)
        if isinstance(case.body, dict) and crc32(repr(case.body).encode()) % 2:
            if isinstance(case.body.get("image_base64"), str):
                # What it is to be read as comes by chance, and most of it can never be.
                case.body = {"image_base64": next(self.images)}
            if isinstance(case.body.get("list_images_base64"), list):
                case.body |= {"list_images_base64": [next(self.images)], "list_label": ["7"]}
            if case.path == _LABEL:
                case.body = {"label": "7"}
        if case.path == _EVENTS:
            # Else the answer lasts as long as the job.
            requests.delete(case.as_transport_kwargs()["url"].removesuffix("/events"), timeout=_CALL_S)

    def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
        """Nothing may take for ever."""
        return {**super().get_call_kwargs(case), "timeout": _CALL_S}

    def after_call(self, response: schemathesis.Response, case: schemathesis.Case[Any]) -> None:
        """Count it."""
        super().after_call(response, case)
        self.answered[f"{case.method} {case.path} {response.status_code}"] += 1

    def validate_response(
        self,
        response: schemathesis.Response,
        case: schemathesis.Case[Any],
        additional_checks: list[Any] | None = None,
        **options: Any,  # noqa: ANN401 - Schemathesis's own
    ) -> None:
        """No 5xx, and all as documented."""
        del additional_checks, options
        case.validate_response(response, checks=list(CHECKS))


def walk(url: str, images: Sequence[bytes], *, walks: int, steps: int, seed: int = 0) -> Counter[str]:
    """Take so many walks through the service at ``url``; how often each operation was answered with each code.

    Args:
        url: of a service on this machine.
        images: real ones.
        walks: how many.
        steps: most requests in each.
        seed: of the first ten walks; each ten after them have the next.

    Raises:
        Exception: Schemathesis's own, at the first answer that must not be.
    """
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    encoded = cycle([base64.b64encode(image).decode() for image in images])
    answered: Counter[str] = Counter()
    parts: dict[str, Any] = {"images": encoded, "answered": answered}
    machine: type[APIStateMachine] = type("Machine", (Walk, schema.as_state_machine()), parts)
    settings = hypothesis.settings(
        max_examples=_BATCH,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for number in range(seed, seed + ceil(walks / _BATCH)):
        # What can be drawn depends on what was answered, and no two walks meet the service in one state:
        # where Hypothesis sees that, it goes no further with what it knew.
        with suppress(FlakyStrategyDefinition):
            hypothesis.seed(number)(machine).run(settings=settings)
    return answered


def main() -> None:
    """Walk, print what was answered, exit with 1 at an answer that must not be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--walks", type=int, default=400)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--url", help="of a running service on this machine")
    a = parser.parse_args()
    with ExitStack() as running:
        url = a.url
        if url is None:
            name = running.enter_context(tempfile.TemporaryDirectory(prefix="glyphserve-walks-"))
            environment = {"GLYPHSERVE_TRAINING__ENABLED": "false"}
            url = running.enter_context(own_service(Path(name), environment=environment)).url
        answered = walk(url, images_of(REPOSITORY / "docs" / "images"), walks=a.walks, steps=a.steps)
    print(json.dumps(dict(sorted(answered.items())), indent=1))
    sys.exit(any(key.endswith("500") for key in answered))


if __name__ == "__main__":
    main()
