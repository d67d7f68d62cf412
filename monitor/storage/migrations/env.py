"""Run by Alembic inside ``migrations.upgrade``, which hands over the connection."""

from __future__ import annotations

from alembic import context

from monitor.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # Each step whole or not at all. Alembic takes SQLite for a database that cannot roll a CREATE TABLE back; it can,
    # once the driver leaves BEGIN to us, see ``store``.
    transaction_per_migration=True,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
