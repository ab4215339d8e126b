"""Schemathesis sends what the OpenAPI document allows and what it does not, over real HTTP."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.schemas import BaseSchema

from tests.support.cluster import RunningCluster


@pytest.fixture(scope="module")
def api_schema(service: RunningCluster) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{service.base_url}/openapi.json")


schema = schemathesis.pytest.from_fixture("api_schema")

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@schema.parametrize()
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_every_route_keeps_to_its_description(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(checks=CHECKS)
