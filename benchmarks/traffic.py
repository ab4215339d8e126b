"""Requests at a fixed rate, whatever becomes of them: an open-loop client, as a crowd of users is one."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import NamedTuple, Self

import aiohttp

_WAIT_S = 30.0
_DETAIL = 200
_HEADERS = {"Content-Type": "application/json"}


class Sample(NamedTuple):
    """One request.

    Attributes:
        sent_s: when it was due, on the clock of ``time.time``.
        took_s: until it was answered, or failed.
        outcome: the HTTP code, or the name of what went wrong.
        version: the model version that answered; empty if none did.
        proper: whether the answer, a failure or not, has the shape of all our answers.
        detail: of a failure: what it was answered, or what the client's library says of it.
    """

    sent_s: float
    took_s: float
    outcome: str
    version: str
    proper: bool = True
    detail: str = ""


@dataclass
class Traffic:
    """Reads at ``rate`` requests a second on this machine, from a thread, for as long as the block runs.

    Attributes:
        base_url: of the service.
        rate: requests a second; each leaves when its time has come, not when another was answered.
        bodies: JSON bodies of POST /captcha_recap_image, sent in turn.
        samples: what became of each request, in the order of the answers.
    """

    base_url: str
    rate: float
    bodies: Sequence[bytes]
    samples: list[Sample] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._flowing = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._flowing.wait(_WAIT_S):
            raise TimeoutError("no request was answered")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_WAIT_S)

    @property
    def versions(self) -> set[str]:
        """Every model version that answered."""
        return {sample.version for sample in self.samples}

    @property
    def outcomes(self) -> Counter[str]:
        """How often each outcome was met."""
        return Counter(sample.outcome for sample in self.samples)

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_WAIT_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            under_way: set[asyncio.Task[None]] = set()
            started = time.monotonic()
            number = 0
            while not self._stop.is_set():
                due = started + number / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(self._ask(session, self.bodies[number % len(self.bodies)]))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                number += 1
            await asyncio.gather(*under_way)

    async def _ask(self, session: aiohttp.ClientSession, body: bytes) -> None:
        sent_s, began_s = time.time(), time.monotonic()
        version, proper, detail = "", False, ""
        try:
            async with session.post(f"{self.base_url}/captcha_recap_image", data=body, headers=_HEADERS) as answer:
                content = await answer.read()
                outcome, version = str(answer.status), answer.headers.get("X-Model-Version", "")
                proper = b'"message"' in content
                detail = "" if answer.ok else content[:_DETAIL].decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError) as e:
            outcome, detail = type(e).__name__, str(e)[:_DETAIL]
        self.samples.append(Sample(sent_s, time.monotonic() - began_s, outcome, version, proper, detail))
        self._flowing.set()
