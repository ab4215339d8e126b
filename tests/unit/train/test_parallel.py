"""Workers do not outlive the wait for them, whatever ended it."""

import multiprocessing
import threading

import pytest

from train.parallel import Share, launch


def wait_for_ever(share: Share) -> None:
    """Be a worker that has hung."""
    del share
    threading.Event().wait()


@pytest.mark.slow
@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit, ValueError])
def test_no_worker_outlives_the_wait_for_it(end: type[BaseException]) -> None:
    def watch() -> None:
        raise end

    with pytest.raises(end):
        launch(wait_for_ever, 1, watch=watch)
    assert multiprocessing.active_children() == []
