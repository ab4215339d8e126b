import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ocr_model.network import Recogniser
from tests.unit.train import toy
from train.finetune.routing import fit_router, sent_to_expert


def images(count: int, seed: int, *, striped: bool) -> NDArray[np.uint8]:
    """Pictures of the toy task, or the same on a striped ground."""
    rng = np.random.default_rng(seed)
    made = np.stack([toy.draw(rng).image for _ in range(count)])
    if striped:
        made[:, :, ::6] = made[:, :, ::6] // 2
    return made


@pytest.fixture(scope="module")
def general() -> Recogniser:
    torch.manual_seed(1)
    return Recogniser(5, toy.TINY).eval()


def test_a_texture_seen_in_a_few_images_is_known_again(general: Recogniser) -> None:
    router = fit_router(
        general,
        taught=images(20, 1, striped=True),
        others=images(200, 2, striped=False),
        held_out=images(10, 3, striped=True),
        seed=1,
    )
    assert sent_to_expert(router, images(40, 4, striped=True)).mean() == 1
    assert sent_to_expert(router, images(40, 5, striped=False)).mean() < 0.1


def test_where_nothing_tells_them_apart_the_taught_ones_are_served_first(general: Recogniser) -> None:
    same = images(100, 1, striped=False)
    router = fit_router(general, taught=same, others=same, held_out=images(100, 2, striped=False), seed=1)
    assert sent_to_expert(router, images(100, 2, striped=False)).mean() >= 0.94


def test_a_stray_image_among_those_held_out_does_not_open_the_door(general: Recogniser) -> None:
    held_out = np.concatenate([images(39, 3, striped=True), images(1, 6, striped=False)])
    router = fit_router(
        general,
        taught=images(50, 1, striped=True),
        others=images(200, 2, striped=False),
        held_out=held_out,
        seed=1,
    )
    assert sent_to_expert(router, images(40, 5, striped=False)).mean() < 0.1


def test_many_taught_images_cost_no_more_than_some(general: Recogniser) -> None:
    many = images(2100, 1, striped=True)
    router = fit_router(general, taught=many, others=images(50, 2, striped=False), held_out=many[:20], seed=1)
    assert sent_to_expert(router, many[:50]).all()
