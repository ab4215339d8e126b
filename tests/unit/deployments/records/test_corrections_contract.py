"""What every database has to keep of what people say that images show."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deployments.records import Database, RecognitionRecords
from deployments.records.rows import CorrectionScore
from tests.unit.deployments.records.examples import recognition

THEN = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def test_a_correction_is_kept_and_a_second_one_replaces_it(database: Database) -> None:
    row, other = recognition(), recognition()
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many([row, other])

    for n, label in enumerate(("first", "é字")):
        at = THEN + timedelta(hours=n)
        with database.writing() as connection:
            corrected = RecognitionRecords(connection).correct(row.id, label, at=at)
        assert corrected == replace(row, corrected_text=label, corrected_at=at)

    with database.reading() as connection:
        assert RecognitionRecords(connection).get(row.id) == corrected
        assert RecognitionRecords(connection).get(other.id) == other


def test_what_is_not_there_cannot_be_corrected(database: Database) -> None:
    with database.writing() as connection:
        assert RecognitionRecords(connection).correct("0" * 32, "x", at=THEN) is None


def test_corrections_are_walked_from_the_oldest(database: Database) -> None:
    rows = [recognition(corrected=label) for label in ("a", None, "b", None, "c", "d")]
    named = [row for row in rows if row.corrected_text is not None]
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many(rows)

    with database.reading() as connection:
        records = RecognitionRecords(connection)
        first = records.corrections(limit=3)
        rest = records.corrections(limit=3, after_id=first[-1].id)
        assert records.corrections(limit=3, after_id=rest[-1].id) == ()
    assert [*first, *rest] == named


def test_only_corrections_since_a_time(database: Database) -> None:
    rows = [recognition() for _ in range(3)]
    with database.writing() as connection:
        records = RecognitionRecords(connection)
        records.insert_many(rows)
        for n in (2, 0, 1):
            records.correct(rows[n].id, "x", at=THEN + timedelta(hours=n))

    with database.reading() as connection:
        records = RecognitionRecords(connection)
        since = records.corrections(limit=9, since=THEN + timedelta(hours=1))
        assert [row.id for row in since] == [rows[1].id, rows[2].id]
        assert records.corrections(limit=9, since=THEN + timedelta(hours=3)) == ()


def test_versions_are_scored_on_what_people_said(database: Database) -> None:
    right, wrong, unseen = recognition(corrected="aB3 é字"), recognition(corrected="ab3 é字"), recognition()
    other = replace(recognition(corrected="x"), model_version="other-1")
    with database.writing() as connection:
        RecognitionRecords(connection).insert_many([right, wrong, unseen, other])
    with database.reading() as connection:
        scores = RecognitionRecords(connection).correction_scores()
    assert set(scores) == {
        CorrectionScore(model_version="base-1", corrected=2, exact=1),
        CorrectionScore(model_version="other-1", corrected=1, exact=0),
    }
