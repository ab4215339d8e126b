"""The tables as the code sees them; ``migrations`` makes them so, and a test compares the two."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware point of time; SQLite, which knows no zones, keeps it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

recognitions = Table(
    "recognitions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("source", String(16), nullable=False),
    Column("pack_key", Text, nullable=False),
    Column("pack_offset_bytes", Integer, nullable=False),
    Column("length_bytes", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("character_confidences", JSON, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("corrected_text", Text),
    Column("corrected_at", UtcDateTime),
)
# The sweep asks which packs are named; people page through what was read with little confidence.
Index(None, recognitions.c.pack_key)
Index(None, recognitions.c.confidence)
# Corrections are few among millions: listing them, oldest or newest first, must not pass over the rest.
Index(
    "ix_recognitions_corrected",
    recognitions.c.id,
    sqlite_where=recognitions.c.corrected_text.is_not(None),
    postgresql_where=recognitions.c.corrected_text.is_not(None),
)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("source", String(16), nullable=False),
)

retrains = Table(
    "retrains",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("dataset_id", String(32), ForeignKey("datasets.id"), nullable=False),
    Column("debug", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("progress", JSON(none_as_null=True)),
    Column("verdict", JSON(none_as_null=True)),
    Column("job_id", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("candidate", Text),
    Column("request_id", Text, nullable=False, server_default=""),
)
Index(None, retrains.c.state)

retrain_events = Table(
    "retrain_events",
    metadata,
    Column("retrain_id", String(32), ForeignKey("retrains.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("data", JSON, nullable=False),
)

models = Table(
    "models",
    metadata,
    Column("version", String(100), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("parent", Text),
    Column("retrain_id", String(32), ForeignKey("retrains.id")),
    Column("key", Text, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("verdict", JSON(none_as_null=True)),
)

serving = Table(
    "serving",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("version", String(100), ForeignKey("models.version"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
)
