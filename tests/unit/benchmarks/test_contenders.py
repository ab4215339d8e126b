import sys

import httpx
import pytest

from benchmarks.bench.contenders import Contender, running


def test_a_contender_serves_for_as_long_as_the_block() -> None:
    web = Contender(
        "web", (sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1", "-d", "{data}"), ready="/"
    )
    with running(web) as service:
        assert httpx.get(service.url).is_success
        assert service.data.is_dir()
    assert service.process.returncode is not None
    assert not service.data.exists()


def test_one_that_does_not_start_is_told_with_its_last_words() -> None:
    broken = Contender("broken", (sys.executable, "-c", "raise SystemExit('no model')"))
    with pytest.raises(RuntimeError, match="no model"), running(broken):
        pass
