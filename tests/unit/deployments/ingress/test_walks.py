"""The short form of `python -m benchmarks.walks`: along the links, from answer to answer, no defect of ours."""

from pathlib import Path

import pytest

from benchmarks.load import images_of
from benchmarks.own_service import REPOSITORY
from benchmarks.walks import walk
from deployments.records import ModelRecords
from tests.support.http_service import opened_records, serving
from tests.unit.deployments.records.examples import model


@pytest.mark.slow
def test_no_walk_along_the_links_meets_a_defect(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        with opened_records(service) as database, database.writing() as connection:
            ModelRecords(connection).insert(model("m1"))
        answered = walk(service.url, images_of(REPOSITORY / "docs" / "images"), walks=30, steps=8)
    # Else it went nowhere: these take what an earlier answer held.
    assert answered["GET /v1/recognitions/{id} 200"]
    assert answered["GET /images/{id} 200"]
    assert answered["PUT /v1/recognitions/{id}/label 200"]
    assert answered["GET /v1/retrains/{id} 200"]
    assert answered["POST /v1/models/{version}/activate 200"]
    assert not [key for key in answered if key.endswith("500")]
