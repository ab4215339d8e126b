"""Every call that the clients make, built once for both."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from glyphserve.client.call import Call, json_object, one
from glyphserve.client.errors import ServiceError
from glyphserve.client.images import ImageFile, as_base64
from glyphserve.client.restriction import Restriction
from glyphserve.client.results import (
    Activation,
    Health,
    Model,
    Models,
    Reading,
    Recognition,
    Retrain,
    StoredImage,
)

PAGE = 200
_DETAILS = {"details": "true"}


def read_image(image: ImageFile, restriction: Restriction) -> Call[Reading]:
    """Read one image; sent twice, it is kept twice, which harms nobody."""
    body = {"image_base64": as_base64(image), **restriction.fields()}
    return Call(method="POST", path="/captcha_recap_image", body=body, parameters=_DETAILS, parse=_one_reading)


def read_url(url: str, count: int, session_id: str, restriction: Restriction) -> Call[list[Reading]]:
    """Download and read images; not repeatable, since whoever draws them may count."""
    body = {"image_url": url, "time": count, "session_id": session_id, **restriction.fields()}
    return Call(method="POST", path="/captcha_image", body=body, parameters=_DETAILS, parse=_readings, repeatable=False)


def recognitions(
    *, min_confidence: float | None, max_confidence: float | None, corrected: bool | None, before: str | None
) -> Call[dict[str, Any]]:
    """One page of recognitions, newest first."""
    parameters = {
        "limit": PAGE,
        "before": before,
        "min_confidence": min_confidence,
        "max_confidence": max_confidence,
        "corrected": corrected,
    }
    return Call(method="GET", path="/v1/recognitions", parameters=parameters, parse=json_object)


def recognition(recognition_id: str) -> Call[Recognition]:
    """One recognition."""
    return Call(method="GET", path=f"/v1/recognitions/{_part(recognition_id)}", parse=one(Recognition))


def image(recognition_id: str) -> Call[StoredImage]:
    """An image as it was received."""
    return Call(method="GET", path=f"/images/{_part(recognition_id)}", parse=_image)


def label(recognition_id: str, text: str) -> Call[Recognition]:
    """Say what an image shows."""
    path = f"/v1/recognitions/{_part(recognition_id)}/label"
    return Call(method="PUT", path=path, body={"label": text}, parse=one(Recognition))


def order_retrain(
    images: Sequence[ImageFile], labels: Sequence[str], *, corrections: bool, since: datetime | None, debug: bool
) -> Call[Retrain]:
    """Order a retrain; not repeatable, since each order is a job."""
    body: dict[str, object] = {
        "list_images_base64": [as_base64(image) for image in images],
        "list_label": list(labels),
        "corrections": corrections,
        "debug": debug,
    }
    if since is not None:
        body["since"] = since.isoformat()
    return Call(method="POST", path="/v1/retrains", body=body, parse=one(Retrain), repeatable=False)


def retrain(retrain_id: str) -> Call[Retrain]:
    """Where a retrain stands."""
    return Call(method="GET", path=_retrain(retrain_id), parse=one(Retrain))


def cancel_retrain(retrain_id: str) -> Call[Retrain]:
    """End a retrain; not repeatable, since the second time it has ended already."""
    return Call(method="DELETE", path=_retrain(retrain_id), parse=one(Retrain), repeatable=False)


def events_path(retrain_id: str) -> str:
    """Where a retrain's events are."""
    return f"{_retrain(retrain_id)}/events"


def models(before: str | None) -> Call[Models]:
    """One page of versions."""
    return Call(method="GET", path="/v1/models", parameters={"limit": PAGE, "before": before}, parse=one(Models))


def model(version: str) -> Call[Model]:
    """One version."""
    return Call(method="GET", path=f"/v1/models/{_part(version)}", parse=one(Model))


def activate(version: str, reason: str) -> Call[Activation]:
    """Serve a version; not repeatable, since each activation is a generation."""
    path = f"/v1/models/{_part(version)}/activate"
    return Call(method="POST", path=path, body={"reason": reason}, parse=one(Activation), repeatable=False)


def health() -> Call[Health]:
    """Whether images can be read."""
    return Call(method="GET", path="/healthz/ready", parse=one(Health))


def anything(
    method: str, path: str, body: Mapping[str, object] | None, parameters: Mapping[str, str | int | float | bool | None]
) -> Call[dict[str, Any]]:
    """Whatever else the service has; repeatable where HTTP says so."""
    repeatable = method in {"GET", "HEAD", "PUT", "DELETE"}
    return Call(method=method, path=path, body=body, parameters=parameters, parse=json_object, repeatable=repeatable)


def _readings(response: httpx.Response) -> list[Reading]:
    content = json_object(response).get("content", {})
    try:
        columns = [content[f"list_{name}"] for name in ("id", "label", "confidence", "model_version", "path")]
        return [
            Reading(id=id_, text=text, confidence=confidence, model_version=version, image=path)
            for id_, text, confidence, version, path in zip(*columns, strict=True)
        ]
    except (KeyError, TypeError, ValueError) as e:
        raise ServiceError("the service does not answer as glyphserve does", response.status_code) from e


def _one_reading(response: httpx.Response) -> Reading:
    readings = _readings(response)
    if len(readings) != 1:
        raise ServiceError("the service does not answer as glyphserve does", response.status_code)
    return readings[0]


def _image(response: httpx.Response) -> StoredImage:
    return StoredImage(response.content, response.headers.get("content-type", ""))


def _retrain(retrain_id: str) -> str:
    return f"/v1/retrains/{_part(retrain_id)}"


def _part(text: str) -> str:
    return quote(text, safe="")
