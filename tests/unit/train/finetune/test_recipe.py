import pytest

from train.finetune.on_ray import threads
from train.finetune.recipe import Recipe


@pytest.mark.parametrize(("count", "share"), [(20, 0.8), (200, 0.8), (400, 0.65), (200_000, 0.5003)])
def test_the_fewer_were_posted_the_more_they_are_varied(count: int, share: float) -> None:
    assert Recipe(few=200).share_of(count, (0.5, 0.8)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("cpus", "processors", "count"), [(0.5, 2, 2), (0.5, 64, 4), (1, 64, 1), (2.5, 2, 2), (8, 4, 8)]
)
def test_a_worker_without_a_cpu_of_its_own_takes_what_is_idle(cpus: float, processors: int, count: int) -> None:
    assert threads(cpus, processors=processors) == count


def test_each_posted_image_is_trained_on_so_often_at_most() -> None:
    loop = Recipe(most_epochs=60).loop(seed=1, left_s=300, epoch_steps=7.3, debug=False, grown=False)
    assert loop.finish_at is not None
    assert loop.most_steps == 438


def test_a_debug_run_is_counted_in_steps() -> None:
    loop = Recipe(debug_steps=20).loop(seed=1, left_s=300, epoch_steps=7.3, debug=True, grown=False)
    assert (loop.steps, loop.finish_at) == (20, None)
