"""One cluster that trains, for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.support.cluster import RunningCluster, running_cluster
from tests.support.config import write_config

# A minute: two hundred steps on two slow cores. Sixty golden images tell nothing
# finer than about ten points: what the gate refuses is tested without a cluster.
SETTINGS = {
    "training": {"train_s": 60, "golden_images": 60, "golden_margin_points": 15.0, "poll_s": 0.2, "deadline_s": 300}
}


@pytest.fixture(scope="package")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCluster]:
    folder = tmp_path_factory.mktemp("learning")
    config = write_config(folder / "cluster.yaml", recognizer={}, args=SETTINGS)
    with running_cluster(data_dir=folder / "data", config=config) as running:
        yield running
