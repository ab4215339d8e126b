"""The short form of `make fuzz`, and that it would find what it looks for."""

from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.watched import watch

# Other tests share the cores and the caches, and some machines are half as fast as those that `make fuzz` was measured
# on (117 ms at most there). What grows without bound takes seconds.
CPU_LIMIT_S = 1.0


@pytest.mark.slow
def test_damaged_and_expensive_files_stay_in_bounds(tmp_path: Path) -> None:
    found = fuzz.fuzz(400, seed=1, keep=tmp_path, cpu_limit_s=CPU_LIMIT_S)
    assert found.faults == []
    assert found.files > 400
    # Were all of them refused at the door, or none damaged, this would test nothing.
    assert 0.05 < found.readable / found.files < 0.9


@pytest.mark.slow
def test_what_takes_long_or_much_or_raises_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "decode_image", lambda _: [].pop())
    assert "IndexError" in fuzz.try_file(b"")[3]
    monkeypatch.setattr(fuzz, "decode_image", lambda _: bytes(1 << 20).count(1) or bytearray(b"x" * (150 << 20)))
    monkeypatch.setattr(fuzz, "normalise", len)
    # Touching so much memory may itself take longer than a decoder may, on a busy machine.
    assert "needed" in fuzz.try_file(b"", 60.0)[3]
    assert "took" in fuzz.try_file(b"", 0.0)[3]


def test_memory_that_was_given_back_at_once_is_seen() -> None:
    assert watch(lambda: len(bytearray(b"x" * (64 << 20)))).grown_bytes > 60 << 20
