"""What a soak calls flat, and what it shows of a process's course."""

from benchmarks.soak import Look, Looks, Row

MIB = 2**20


def rows_of(*sizes_mib: float, files: int = 10) -> list[Row]:
    looks = Looks()
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


def test_a_process_that_ended_meanwhile_has_a_course_but_no_row() -> None:
    looks = Looks()
    looks.note({("raylet", 1): Look(MIB, 1, 1), ("replica", 2): Look(2 * MIB, 1, 1)})
    looks.note({("raylet", 1): Look(MIB, 1, 1)})
    assert [row.pid for row in looks.rows()] == [1]
    assert looks.course() == {"raylet 1": [1.0], "replica 2": [2.0]}
