"""A client of a glyphserve service, plain (`Client`) and for asyncio (`AsyncClient`).

with Client("http://127.0.0.1:8000") as client:
    print(client.read("captcha.png").text)
"""

from glyphserve.client.async_client import AsyncClient
from glyphserve.client.errors import ServiceAwayError, ServiceError
from glyphserve.client.images import ImageFile
from glyphserve.client.restriction import Restriction
from glyphserve.client.results import (
    Activation,
    Event,
    Health,
    Model,
    Models,
    Reading,
    Recognition,
    Retrain,
    Serving,
    StoredImage,
)
from glyphserve.client.retries import NO_RETRIES, Retries
from glyphserve.client.sync_client import Client

__all__ = [
    "NO_RETRIES",
    "Activation",
    "AsyncClient",
    "Client",
    "Event",
    "Health",
    "ImageFile",
    "Model",
    "Models",
    "Reading",
    "Recognition",
    "Restriction",
    "Retrain",
    "Retries",
    "ServiceAwayError",
    "ServiceError",
    "Serving",
    "StoredImage",
]
