"""POST /captcha_retrain_model: take labelled images and queue a training job."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from deployments.ingress.answers import RetrainAnswer
from deployments.ingress.bodies import RetrainBody
from deployments.ingress.doors import may_write
from deployments.ingress.failures import documented_failures
from deployments.ingress.labelled_examples import checked_examples
from deployments.ingress.parsing import body_of, request_body
from deployments.ingress.services import InjectedServices
from deployments.logs import request_id
from deployments.records import Source

router = APIRouter(tags=["learning"], dependencies=[Depends(may_write)])


@router.post(
    "/captcha_retrain_model",
    response_model=RetrainAnswer,
    responses=documented_failures(400, 401, 413, 500, 503, model=RetrainAnswer),
    openapi_extra=request_body(RetrainBody),
    summary="Retrain on labelled images",
)
async def captcha_retrain_model(
    body: Annotated[RetrainBody, Depends(body_of(RetrainBody))], services: InjectedServices
) -> JSONResponse:
    """Check and store every example, queue a training job, answer at once.

    The header `Location` names the job's own resource.
    """
    examples = await asyncio.to_thread(
        checked_examples, body.list_images_base64, body.list_label, services.settings.limits
    )
    job = await services.archive.store_dataset(
        examples, source=Source.UPLOAD, debug=body.debug, request_id=request_id.get()
    )
    return JSONResponse({"message": "", "error": ""}, headers={"Location": f"/v1/retrains/{job.id}"})
