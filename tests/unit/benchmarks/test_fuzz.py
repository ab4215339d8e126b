"""The short form of `make fuzz`, and that it would find what it looks for."""

from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.watched import watch


@pytest.mark.slow
def test_damaged_and_expensive_files_stay_in_bounds(tmp_path: Path) -> None:
    found = fuzz.fuzz(400, seed=1, keep=tmp_path)
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
    monkeypatch.setattr(fuzz, "CPU_LIMIT_S", 60.0)
    assert "needed" in fuzz.try_file(b"")[3]
    monkeypatch.setattr(fuzz, "CPU_LIMIT_S", 0.0)
    assert "took" in fuzz.try_file(b"")[3]


@pytest.mark.slow
def test_a_machine_that_is_slow_at_everything_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fuzz.slowness() >= 1
    monkeypatch.setattr(fuzz, "CPU_LIMIT_S", 1e-9)
    assert "took" in fuzz.try_file(b"")[3]
    monkeypatch.setattr(fuzz, "slowness", lambda: 1e9)
    assert fuzz.try_file(b"")[3] == ""


def test_memory_that_was_given_back_at_once_is_seen() -> None:
    assert watch(lambda: len(bytearray(b"x" * (64 << 20)))).grown_bytes > 60 << 20
