"""Runs the migrations on the connection that `pipelines.database.open.migrate` hands over.

From the alembic command line (to write a new revision) the database is named by VBP_DATABASE.
"""

import os

import sqlalchemy as sa
from alembic import context

from pipelines.database.open import METADATA, open_database
from pipelines.database.tables import is_stored


def _migrate_on(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        include_object=is_stored,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def _migrate() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate_on(connection)
        return
    if not (url := os.environ.get("VBP_DATABASE")):
        raise SystemExit("请先设置环境变量 VBP_DATABASE,例如 sqlite:///var/compliance.db")
    engine = open_database(url)
    with engine.begin() as opened:
        _migrate_on(opened)
    engine.dispose()


_migrate()
