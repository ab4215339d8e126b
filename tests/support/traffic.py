"""Requests at a fixed rate, whatever becomes of them: an open-loop client, as a crowd of users is one."""

import asyncio
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import aiohttp

from tests.support.images import png_base64

_WAIT_S = 30.0


@dataclass
class Traffic:
    """Reads at ``rate`` requests a second on this machine, from a thread, for as long as the block runs.

    Attributes:
        base_url: of the service.
        rate: requests a second; each leaves when its time has come, not when another was answered.
        answers: how often each pair of HTTP code and model version was answered.
        failures: what went wrong otherwise, by name.
        seconds: how long each answered request took.
    """

    base_url: str
    rate: float
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._flowing = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._flowing.wait(_WAIT_S), "no request was answered"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(_WAIT_S)

    @property
    def versions(self) -> set[str]:
        """Every model version that answered."""
        return {version for _, version in self.answers}

    def assert_nothing_failed(self) -> None:
        """Every request was answered with 200."""
        bad = {answer: count for answer, count in self.answers.items() if answer[0] != 200}
        assert not bad, bad
        assert not self.failures, self.failures
        assert sum(self.answers.values()) > 0

    async def _run(self) -> None:
        timeout = aiohttp.ClientTimeout(total=_WAIT_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            bodies = [{"image_base64": png_base64(str(n))} for n in range(10, 42)]
            under_way: set[asyncio.Task[None]] = set()
            started = time.monotonic()
            number = 0
            while not self._stop.is_set():
                due = started + number / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(self._ask(session, bodies[number % len(bodies)]))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                number += 1
            await asyncio.gather(*under_way)

    async def _ask(self, session: aiohttp.ClientSession, body: dict[str, str]) -> None:
        began = time.monotonic()
        try:
            async with session.post(f"{self.base_url}/captcha_recap_image", json=body) as answer:
                await answer.read()
                self.answers[answer.status, answer.headers.get("X-Model-Version", "")] += 1
                self.seconds.append(time.monotonic() - began)
        except (aiohttp.ClientError, TimeoutError) as e:
            self.failures[type(e).__name__] += 1
        self._flowing.set()
