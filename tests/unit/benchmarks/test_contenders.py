import sys
from pathlib import Path

import httpx
import pytest

from benchmarks.bench.contenders import Rival, running

WEB = Rival((sys.executable, "-m", "http.server", "{port}", "--bind", "127.0.0.1", "-d", "{data}"), ready="/")


def test_a_contender_serves_for_as_long_as_the_block(tmp_path: Path) -> None:
    (tmp_path / "image.png").write_bytes(b"bytes")
    with running(WEB, tmp_path) as url:
        assert httpx.get(f"{url}/image.png").content == b"bytes"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_one_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    broken = Rival((sys.executable, "-c", "raise SystemExit('no model')"))
    with pytest.raises(RuntimeError, match="no model"), running(broken, tmp_path):
        pass
