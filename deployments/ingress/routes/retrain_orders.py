"""POST /v1/retrains and DELETE /v1/retrains/{id}: order a retrain, or call it off."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse

from deployments.archive import Example
from deployments.errors import RequestError
from deployments.ingress.bodies import CorrectionsBody
from deployments.ingress.doors import may_write, writer_name
from deployments.ingress.failures import RETRAINS_PATH, documented_failures
from deployments.ingress.labelled_examples import checked_examples
from deployments.ingress.learning_answers import RetrainDetail
from deployments.ingress.parsing import body_of, request_body
from deployments.ingress.routes.retrains import RetrainId, retrain_resource
from deployments.ingress.services import InjectedServices, Services
from deployments.logs import request_id
from deployments.records import Source
from deployments.status import Status

router = APIRouter(prefix=RETRAINS_PATH, tags=["learning"], dependencies=[Depends(may_write)])


@router.post(
    "",
    response_model=RetrainDetail,
    responses=documented_failures(400, 401, 413, 500, 503),
    openapi_extra=request_body(CorrectionsBody, required=False),
    summary="Retrain on corrections",
)
async def order_retrain(
    body: Annotated[CorrectionsBody, Depends(body_of(CorrectionsBody, required=False))], services: InjectedServices
) -> JSONResponse:
    """Store the corrected images, and those sent along, as a dataset; queue a training job; answer at once.

    The header `Location` names the job's own resource, which is also the answer.
    """
    examples = await _examples(body, services)
    job = await services.archive.store_dataset(
        examples,
        source=Source.CORRECTIONS if body.corrections else Source.UPLOAD,
        debug=body.debug,
        request_id=request_id.get(),
    )
    resource = await retrain_resource(services, job.id)
    return JSONResponse(resource, headers={"Location": f"{RETRAINS_PATH}/{job.id}"})


@router.delete(
    "/{id}",
    response_model=RetrainDetail,
    responses=documented_failures(400, 401, 404, 503),
    summary="Cancel a retrain job",
)
async def cancel_retrain(
    id: RetrainId,  # noqa: A002 - a path's name
    services: InjectedServices,
    request: Request,
) -> JSONResponse:
    """End a job that has not ended: a queued one at once, one that trains within seconds.

    What has ended, or is on its way to the replicas, is answered 400.
    """
    who = writer_name(request)
    cancelled = await services.archive.jobs.cancel(id, reason=f"by {who}" if who else "on request")
    resource = await retrain_resource(services, id)
    if not cancelled:
        raise RequestError(Status.NOT_CANCELLABLE, f"the job is past that: {resource['state']}")
    return JSONResponse(resource)


async def _examples(body: CorrectionsBody, services: Services) -> list[Example]:
    limits = services.settings.limits
    sent: list[Example] = []
    if body.list_images_base64 or body.list_label:
        sent = await asyncio.to_thread(checked_examples, body.list_images_base64, body.list_label, limits)
    stored: list[Example] = []
    if body.corrections:
        stored = await services.archive.corrections.examples(
            since=body.since,
            max_examples=limits.examples - len(sent),
            max_bytes=limits.retrain_body_bytes - sum(len(example.image) for example in sent),
        )
    if not stored and not sent:
        where = "no image was corrected" if body.corrections else "corrections is false"
        since = f" since {body.since.isoformat()}" if body.corrections and body.since else ""
        raise RequestError(Status.NOTHING_TO_LEARN, f"{where}{since}, and no images were sent along")
    return [*stored, *sent]
