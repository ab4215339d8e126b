"""Schemathesis sends what the OpenAPI document allows and what it does not, over real HTTP."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.schemas import BaseSchema

from benchmarks.walks import CHECKS
from tests.support.cluster import RunningCluster

OPERATIONS = [
    ("post", "/captcha_recap_image"),
    ("post", "/captcha_image"),
    ("post", "/captcha_retrain_model"),
    ("get", "/images/{id}"),
    ("get", "/v1/recognitions"),
    ("get", "/v1/recognitions/{id}"),
    ("put", "/v1/recognitions/{id}/label"),
    ("get", "/v1/retrains"),
    ("post", "/v1/retrains"),
    ("get", "/v1/retrains/{id}"),
    ("delete", "/v1/retrains/{id}"),
    ("get", "/v1/retrains/{id}/events"),
    ("get", "/v1/retrains/{id}/examples"),
    ("get", "/v1/models"),
    ("get", "/v1/models/{version}"),
    ("post", "/v1/models/{version}/activate"),
    ("get", "/v1/status"),
    ("get", "/"),
    ("get", "/healthz/live"),
    ("get", "/healthz/ready"),
]
WITHOUT_PARAMETERS = ["/", "/v1/status", "/healthz/live", "/healthz/ready"]


@pytest.fixture(scope="module")
def schema(service: RunningCluster) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")


def test_every_operation_is_tried(schema: BaseSchema) -> None:
    paths = schema.raw_schema["paths"]
    assert sorted((method, path) for path in paths for method in paths[path]) == sorted(OPERATIONS)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize(("method", "path"), [o for o in OPERATIONS if o[1] not in WITHOUT_PARAMETERS])
def test_an_operation_keeps_to_its_description(
    schema: BaseSchema, method: str, path: str, mode: GenerationMode
) -> None:
    operation = schema[path][method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def exchange(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=list(CHECKS))

    exchange()


@pytest.mark.parametrize("path", WITHOUT_PARAMETERS)
def test_an_operation_without_parameters_keeps_to_its_description(schema: BaseSchema, path: str) -> None:
    schema[path]["get"].Case().call_and_validate(checks=list(CHECKS))
