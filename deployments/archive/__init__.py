"""The archive: what the ingress knows of storage, records and blobs kept in step."""

from deployments.archive.archive import Archive
from deployments.archive.entries import Example, NewRecognition, StoredImage

__all__ = ["Archive", "Example", "NewRecognition", "StoredImage"]
