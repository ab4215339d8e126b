"""A group of requests as one blob and its rows."""

from collections.abc import Sequence
from datetime import datetime

from deployments.archive.group import Waiting
from deployments.records import RecognitionRow


def pack(group: Sequence[Waiting], *, key: str, now: datetime) -> tuple[bytes, list[RecognitionRow]]:
    """All images of a group, end to end, and the rows that say where each lies."""
    rows = []
    offset_bytes = 0
    for one in group:
        for entry, new in zip(one.entries, one.ids, strict=True):
            rows.append(
                RecognitionRow(
                    id=new,
                    created_at=now,
                    request_id=entry.request_id,
                    source=entry.source,
                    pack_key=key,
                    pack_offset_bytes=offset_bytes,
                    length_bytes=len(entry.image),
                    media_type=entry.media_type,
                    text=entry.text,
                    confidence=entry.confidence,
                    character_confidences=entry.character_confidences,
                    model_version=entry.model_version,
                )
            )
            offset_bytes += len(entry.image)
    return b"".join(entry.image for one in group for entry in one.entries), rows
