import random

from benchmarks.retraining import labelled_examples


def test_the_same_pictures_are_labelled_otherwise_from_time_to_time() -> None:
    orders = [labelled_examples(60, random.Random(seed)) for seed in range(6)]
    letters = [set("".join(order["list_label"])) for order in orders]
    assert all({letter.lower() for letter in shown} == set("vxz") for shown in letters)
    assert all(len(shown) == 3 for shown in letters), "within an order each letter is always the same"
    assert len({frozenset(shown) for shown in letters}) > 1
    for order in orders:
        assert len(order["list_images_base64"]) == len(order["list_label"]) == 60
