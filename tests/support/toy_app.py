"""The smallest Serve application with our shape: what lifecycle tests start instead of a model."""

from typing import Any

from fastapi import FastAPI
from ray import serve
from ray.serve.handle import DeploymentHandle

api = FastAPI()


class Reader:
    """Stands where the recognizer does."""

    def __init__(self, fail: bool) -> None:
        if fail:
            raise RuntimeError("the weights are missing")

    async def read(self) -> str:
        """Answer."""
        return "7"


@serve.ingress(api)
class Front:
    """Stands where the ingress does."""

    def __init__(self, reader: DeploymentHandle[Any]) -> None:
        self._reader = reader

    @api.get("/healthz/ready")
    async def ready(self) -> dict[str, str]:
        """Ready when the reader answers."""
        return {"message": "", "error": "", "model_version": await self._reader.read.remote()}


def build(args: dict[str, Any]) -> serve.Application:
    """What the configs of the lifecycle tests import."""
    return _build(fail=False, args=args)


def build_failing(args: dict[str, Any]) -> serve.Application:
    """The same, but the reader does not start."""
    return _build(fail=True, args=args)


def _build(*, fail: bool, args: dict[str, Any]) -> serve.Application:
    del args
    reader = serve.deployment(name="Reader", ray_actor_options={"num_cpus": 0.1})(Reader)
    front = serve.deployment(name="Front", ray_actor_options={"num_cpus": 0.1})(Front)
    return front.bind(reader.bind(fail))
