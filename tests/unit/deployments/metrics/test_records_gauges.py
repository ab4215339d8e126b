from pathlib import Path

from deployments.metrics.catalogue import CORRECTIONS, CORRECTIONS_EXACT, RETRAINS
from deployments.metrics.records_gauges import EVERY_S, RecordsGauges
from deployments.records import Database, DatasetRecords, RecognitionRecords, RetrainRecords, RetrainState
from tests.support.recorded_meter import RecordedMeter
from tests.unit.deployments.records.examples import dataset, recognition, retrain


def test_jobs_and_corrections_are_told_every_now_and_then(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path}/records.db")
    meter, now_s = RecordedMeter(), 100.0
    gauges = RecordsGauges(database, meter, clock=lambda: now_s)
    gauges.tell()
    assert {meter.shown(RETRAINS, state=state) for state in RetrainState} == {0}

    images = dataset()
    with database.writing() as connection:
        DatasetRecords(connection).insert(images)
        RetrainRecords(connection).insert(retrain(images.id, state=RetrainState.FAILED))
        right = recognition()
        RecognitionRecords(connection).insert_many([recognition(corrected=right.text), recognition(corrected="other")])
    gauges.tell()
    assert meter.shown(RETRAINS, state="failed") == 0
    now_s += EVERY_S
    gauges.tell()
    assert meter.shown(RETRAINS, state="failed") == 1
    assert meter.shown(CORRECTIONS, model_version="base-1") == 2
    assert meter.shown(CORRECTIONS_EXACT, model_version="base-1") == 1
    database.close()
