"""What a soak calls flat, and what it shows of a process's course."""

from benchmarks.soak import Look, Looks, Row

MIB = 2**20


def rows_of(*sizes_mib: float, files: int = 10) -> list[Row]:
    looks = Looks(6)
    for size in sizes_mib:
        looks.note({("raylet", 1): Look(int(size * MIB), files, 3)})
    return looks.rows()


def test_a_process_that_levels_off_is_told_from_one_that_grows_on() -> None:
    (levels_off,) = rows_of(*[100.0] * 6, *[102.0] * 20)
    assert levels_off.flat
    assert (levels_off.mib_before, levels_off.mib_halfway, levels_off.mib_after) == (100.0, 102.0, 102.0)
    (grows,) = rows_of(*[100.0 + 0.5 * look for look in range(26)])
    assert not grows.flat
    assert grows.mib_before < grows.mib_halfway < grows.mib_after


def test_what_comes_with_every_swap_is_no_growth_and_what_comes_in_between_is() -> None:
    (comes_and_goes,) = rows_of(*[100.0, 101.0, 102.0, 103.0, 104.0, 105.0] * 4)
    assert (comes_and_goes.flat, comes_and_goes.growth_percent) == (True, 0.0)
    (was_larger,) = rows_of(*[100.0] * 6, *[104.0] * 6, *[101.0] * 6)
    assert (was_larger.flat, was_larger.mib_after, was_larger.growth_percent) == (False, 101.0, 4.0)


def test_a_process_that_ended_meanwhile_has_a_course_but_no_row() -> None:
    looks = Looks(6)
    looks.note({("raylet", 1): Look(MIB, 1, 1), ("replica", 2): Look(2 * MIB, 1, 1)})
    looks.note({("raylet", 1): Look(MIB, 1, 1)})
    assert [row.pid for row in looks.rows()] == [1]
    assert looks.course() == {"raylet 1": [1.0], "replica 2": [2.0]}
