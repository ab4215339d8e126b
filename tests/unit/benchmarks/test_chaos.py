from pathlib import Path

from benchmarks.chaos import Fault, report, table, write_config
from benchmarks.traffic import Sample
from deployments.settings.config_file import load


def test_a_failure_counts_for_the_fault_that_cut_it_off() -> None:
    faults = [Fault(100.0, "proxy", "frozen"), Fault(105.0, "HAProxy", "killed")]
    samples = [
        Sample(101.0, 0.5, "200", "v"),
        Sample(104.9, 0.6, "ServerDisconnectedError", ""),
        Sample(106.0, 0.1, "200", "v"),
    ]
    killed, frozen = table(faults, samples)
    assert (killed.kind, killed.requests, killed.failed, killed.recovery_s) == ("HAProxy", 2, 1, 0.5)
    assert (frozen.kind, frozen.requests, frozen.failed, frozen.recovery_s) == ("proxy", 1, 0, 0.0)


def test_what_is_not_good_enough() -> None:
    read, refused = Sample(1.0, 0.1, "200", "v"), Sample(1.0, 0.1, "503", "")
    assert report([], [read] * 9_990 + [refused] * 10)["good_enough"]
    assert not report([], [read] * 9_980 + [refused] * 20)["good_enough"]
    assert not report([], [read] * 9_999 + [refused._replace(proper=False)])["good_enough"]


def test_its_service_has_a_config_that_a_service_takes(tmp_path: Path) -> None:
    assert load(write_config(tmp_path))
