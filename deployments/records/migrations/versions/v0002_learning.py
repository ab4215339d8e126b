"""The learning loop: what a job does step by step, the models it makes, and which of them serves."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add them; what is there stays as it is."""
    op.add_column("retrains", sa.Column("job_id", sa.Text))
    op.add_column("retrains", sa.Column("attempts", sa.Integer, nullable=False, server_default="0"))
    op.add_column("retrains", sa.Column("candidate", sa.Text))
    named = sa.text("corrected_text IS NOT NULL")
    op.create_index("ix_recognitions_corrected", "recognitions", ["id"], sqlite_where=named, postgresql_where=named)
    _create_events()
    _create_models()


def downgrade() -> None:
    """Drop them."""
    for table in ("serving", "models", "retrain_events"):
        op.drop_table(table)
    op.drop_index("ix_recognitions_corrected", "recognitions")
    for column in ("candidate", "attempts", "job_id"):
        op.drop_column("retrains", column)


def _create_events() -> None:
    op.create_table(
        "retrain_events",
        sa.Column("retrain_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("retrain_id", "seq", name="pk_retrain_events"),
        sa.ForeignKeyConstraint(["retrain_id"], ["retrains.id"], name="fk_retrain_events_retrain_id"),
    )


def _create_models() -> None:
    op.create_table(
        "models",
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parent", sa.Text),
        sa.Column("retrain_id", sa.String(32)),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.Column("verdict", sa.JSON),
        sa.PrimaryKeyConstraint("version", name="pk_models"),
        sa.ForeignKeyConstraint(["retrain_id"], ["retrains.id"], name="fk_models_retrain_id"),
    )
    op.create_table(
        "serving",
        sa.Column("generation", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("generation", name="pk_serving"),
        sa.ForeignKeyConstraint(["version"], ["models.version"], name="fk_serving_version"),
    )
