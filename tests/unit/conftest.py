"""The unit tier: no test here may start or join a Ray cluster."""

import pytest
import ray


@pytest.fixture(autouse=True)
def no_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise RuntimeError("a unit test tried to start Ray; mark it `cluster` and move it to tests/cluster")

    monkeypatch.setattr(ray, "init", refuse)
    monkeypatch.setattr("ray._private.worker.init", refuse)
