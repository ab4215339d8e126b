"""GET /v1/retrains/{id}/events: what happens to a job, as it happens, server-sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header
from fastapi.responses import Response, StreamingResponse
from fastapi.sse import EventSourceResponse

from deployments.errors import RequestError
from deployments.ingress.doors import may_read
from deployments.ingress.event_stream import event_stream
from deployments.ingress.failures import documented_failures
from deployments.ingress.routes.retrains import RetrainId
from deployments.ingress.services import InjectedServices
from deployments.status import Status

router = APIRouter(prefix="/v1/retrains", tags=["learning"], dependencies=[Depends(may_read)])

_EXAMPLE = """id: 7
event: epoch
data: {"at": "2026-11-24T11:02:03+00:00", "epoch": 3, "loss": 0.71, "progress": 0.2, "left_s": 120}

id: 8
event: state
data: {"at": "2026-11-24T11:04:03+00:00", "state": "evaluating", "reason": ""}

"""
_EVENT = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "description": "Number of the event within its job."},
        "event": {"type": "string", "description": "Its kind."},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": "integer", "description": "Milliseconds after which to come back."},
    },
}
_STREAM = {
    "description": "Events of the kinds state, dataset, waiting, epoch, evaluating and verdict; `data` is JSON.",
    "content": {"text/event-stream": {"itemSchema": _EVENT, "example": _EXAMPLE}},
}
LastEventId = Annotated[
    str, Header(alias="Last-Event-ID", pattern=r"^\d{0,9}$", description="Number of the last event that was seen.")
]


@router.get(
    "/{id}/events",
    response_class=StreamingResponse,  # naming the other here makes FastAPI take the route for a generator
    responses={
        200: _STREAM,
        204: {"description": "The job has ended and all of it was seen: do not come back."},
        **documented_failures(400, 401, 404, 503),
    },
    summary="Watch a retrain job",
)
async def retrain_events(id: RetrainId, services: InjectedServices, last_event_id: LastEventId = "0") -> Response:  # noqa: A002 - a path's name
    """Every event of a job from its first, or from the one after `Last-Event-ID`, until the job ends.

    The stream also ends when it has grown old; browsers come back by themselves, others should.
    """
    jobs = services.archive.jobs
    job = await jobs.get(id)
    if job is None:
        raise RequestError(Status.NOT_FOUND, "no retrain job has this id")
    seen = int(last_event_id or "0")
    if job.row.state.is_final and not await jobs.events(id, after=seen, limit=1):
        return Response(status_code=204)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return EventSourceResponse(event_stream(jobs, id, after=seen), headers=headers)
