"""Liveness and readiness."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from deployments.ingress.answers import Health
from deployments.ingress.failures import documented_failures
from deployments.ingress.services import InjectedServices

router = APIRouter(prefix="/healthz", tags=["health"])


@router.get("/live", response_model=Health, summary="Is the process alive?")
async def live() -> JSONResponse:
    """Answers as long as an ingress replica runs."""
    return JSONResponse({"message": "", "error": ""})


@router.get("/ready", response_model=Health, responses=documented_failures(503), summary="Can images be read?")
async def ready(services: InjectedServices) -> JSONResponse:
    """Answers 200 when a routable replica has a trained model loaded and the storage works."""
    report = await services.reading.report()
    await services.archive.check()
    waiting = services.reading.waiting_images
    return JSONResponse(
        {
            "message": "",
            "error": "",
            "model_version": report.model_version,
            "generation": report.generation,
            "fault": report.fault,
            "waiting_images": waiting,
        }
    )
