import pytest

from ocr_model.constraint import MAX_MIN_LENGTH, NO_CONSTRAINT, Constraint
from ocr_model.errors import ConstraintError


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"characters": frozenset()}, "charset"),
        ({"characters": frozenset({"ab"})}, "charset"),
        ({"min_length": -1}, "min_length"),
        ({"min_length": MAX_MIN_LENGTH + 1}, "min_length"),
        ({"max_length": 0}, "max_length"),
        ({"min_length": 5, "max_length": 4}, "above max_length"),
    ],
)
def test_what_can_never_be_met_is_refused_and_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ConstraintError, match=named):
        Constraint(**arguments)  # type: ignore[arg-type]


def test_bounds_are_inclusive() -> None:
    Constraint(min_length=MAX_MIN_LENGTH, max_length=MAX_MIN_LENGTH)
    Constraint(min_length=0, max_length=1)


def test_which_constraints_are_free() -> None:
    assert NO_CONSTRAINT.is_free
    assert Constraint(min_length=0).is_free
    assert not Constraint(max_length=40).is_free
    assert not Constraint(characters=frozenset("a")).is_free
