"""One real cluster for all tests that only talk to the service, started as a user starts it."""

from collections.abc import Iterator

import pytest

from tests.support.cluster import RunningCluster, running_cluster

ENVIRONMENT = {
    "GLYPHSERVE_FETCH__ALLOWED_HOSTS": '["127.0.0.1"]',
    # Whatever a test posts here waits: training has a test of its own.
    "GLYPHSERVE_TRAINING__ENABLED": "false",
    # Spans of every request, into a file.
    "RAY_SERVE_TRACING_EXPORTER_IMPORT_PATH": "ray.serve._private.tracing_utils:default_tracing_exporter",
    "RAY_SERVE_TRACING_SAMPLING_RATIO": "1.0",
}


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    with running_cluster(data_dir=tmp_path_factory.mktemp("service"), environment=ENVIRONMENT) as cluster:
        yield cluster
