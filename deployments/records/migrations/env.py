"""Alembic's entry: runs the steps inside the transaction that ``migrate`` holds open."""

from alembic import context

from deployments.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
