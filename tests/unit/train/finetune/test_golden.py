from collections import Counter

import numpy as np

from ocr_model.charset import BASE_CHARSET, Charset
from train.finetune.golden import golden_set, rehearsal_set


def test_the_golden_set_is_the_same_for_every_retrain() -> None:
    first, second = golden_set(24, Charset(BASE_CHARSET)), golden_set(24, Charset(BASE_CHARSET))
    assert first.labels == second.labels
    assert np.array_equal(first.pixels, second.pixels)


def test_a_model_is_asked_only_for_characters_that_it_knows() -> None:
    labels = golden_set(16, Charset("0123456789")).labels
    assert set("".join(labels)) <= set("0123456789")
    assert max(Counter(labels).values()) == 1


def test_what_a_retrain_chooses_by_is_not_what_it_is_judged_by() -> None:
    charset = Charset(BASE_CHARSET)
    golden, rehearsal, again, other = (
        golden_set(24, charset),
        rehearsal_set(24, charset, seed=1, number=0),
        rehearsal_set(24, charset, seed=1, number=0),
        rehearsal_set(24, charset, seed=2, number=0),
    )
    assert rehearsal.labels == again.labels
    assert len({*golden.labels, *rehearsal.labels, *other.labels}) > 60
