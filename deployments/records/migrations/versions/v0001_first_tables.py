"""The first tables: recognitions, datasets, retrains."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    _create_recognitions()
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("examples", sa.Integer, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_datasets"),
    )
    op.create_table(
        "retrains",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("dataset_id", sa.String(32), nullable=False),
        sa.Column("debug", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("progress", sa.JSON),
        sa.Column("verdict", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_retrains"),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name="fk_retrains_dataset_id"),
    )
    op.create_index("ix_retrains_state", "retrains", ["state"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("retrains")
    op.drop_table("datasets")
    op.drop_table("recognitions")


def _create_recognitions() -> None:
    op.create_table(
        "recognitions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("pack_key", sa.Text, nullable=False),
        sa.Column("pack_offset_bytes", sa.Integer, nullable=False),
        sa.Column("length_bytes", sa.Integer, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("character_confidences", sa.JSON, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("corrected_text", sa.Text),
        sa.Column("corrected_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_recognitions"),
    )
    op.create_index("ix_recognitions_pack_key", "recognitions", ["pack_key"])
    op.create_index("ix_recognitions_confidence", "recognitions", ["confidence"])
