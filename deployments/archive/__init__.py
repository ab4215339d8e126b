"""The archive: what the ingress knows of storage, records and blobs kept in step."""

from deployments.archive.archive import Archive
from deployments.archive.entries import Example, NewRecognition, StoredImage
from deployments.archive.jobs import Job
from deployments.archive.versions import Version

__all__ = ["Archive", "Example", "Job", "NewRecognition", "StoredImage", "Version"]
