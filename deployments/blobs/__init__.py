"""Blobs: images, datasets and models as named runs of bytes, in a folder or an object store."""

from deployments.blobs.backend import BlobInfo
from deployments.blobs.store import BlobStore

__all__ = ["BlobInfo", "BlobStore"]
