import numpy as np
import pytest

from ocr_model.reliability import BINS, calibration_error, risk_coverage


def test_an_honest_reader_has_no_error() -> None:
    confidences = [0.25] * 4 + [1.0] * 3
    assert calibration_error(confidences, [True, False, False, False, True, True, True]) == 0


def test_a_case_counted_by_hand() -> None:
    # The bins of 0.9 (half right) and 0.1 (all right) hold 4 and 1 of the 5 answers.
    error = calibration_error([0.9, 0.9, 0.9, 0.9, 0.1], [True, True, False, False, True])
    assert error == pytest.approx(4 / 5 * 0.4 + 1 / 5 * 0.9)


def test_gaps_of_both_signs_do_not_cancel_between_bins_but_do_within_one() -> None:
    assert calibration_error([0.0, 1.0], [True, False]) == 1
    within = 0.5 / BINS
    assert calibration_error([within, within], [True, False]) == pytest.approx(0.5 - within)


def test_it_falls_to_zero_with_the_number_of_an_honest_readers_answers() -> None:
    rng = np.random.default_rng(2)
    confidences = rng.random(20_000)
    right = rng.random(20_000) < confidences
    assert calibration_error(confidences.tolist(), right.tolist()) < 0.02
    assert calibration_error((confidences**2).tolist(), right.tolist()) > 0.1


def test_risk_counts_what_is_wrong_among_the_surest() -> None:
    curve = risk_coverage([0.2, 0.9, 0.5, 0.8], [False, True, True, False])
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
