import signal

import pytest

from train.errors import DeadlineError
from train.job import deadline


def test_time_that_has_passed_ends_the_block() -> None:
    with pytest.raises(DeadlineError, match=r"within its 0\.01 s"), deadline(0.01):
        signal.pause()


def test_an_error_that_hides_the_signals_still_tells_the_deadline() -> None:
    with pytest.raises(DeadlineError), deadline(0.01):
        _wait_as_ray_does()


def test_another_error_is_itself_and_the_timer_is_off_afterwards() -> None:
    with pytest.raises(KeyError), deadline(30):
        raise KeyError("own")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def _wait_as_ray_does() -> None:
    try:
        signal.pause()
    except DeadlineError as e:
        raise SystemError("a signal's handler raised") from e
