"""The request that ordered a retrain, by whose id its logs are found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; of what was ordered before nobody knows it."""
    op.add_column("retrains", sa.Column("request_id", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("retrains", "request_id")
