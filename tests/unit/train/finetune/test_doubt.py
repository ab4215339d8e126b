from ocr_model.scoring import Read
from train.finetune.doubt import suspects, trusted

READS = [
    Read("abc", "abc", 0.99),
    Read("abd", "abc", 0.85),  # surely another text
    Read("xyz", "xyy", 0.4),  # perhaps another text
    Read("123", "128", 0.95),
    Read("q", "q", 0.3),
]


def test_surely_contradicted_labels_are_suspect_the_surest_first() -> None:
    assert [suspect.row for suspect in suspects(READS, confidence=0.8)] == [3, 1]


def test_the_others_are_trusted() -> None:
    assert trusted(READS, confidence=0.8, least_right=0.4) == [0, 2, 4]


def test_where_few_labels_are_met_the_network_is_doubted_instead() -> None:
    assert trusted(READS, confidence=0.8, least_right=0.5) == [0, 1, 2, 3, 4]
