"""Figure tables that a database does not have yet, made from their definitions: nobody writes a revision for a new one."""

import sqlalchemy as sa

from pipelines.database.tables import FIGURES, METADATA, define_view, leaving_of, staging_of, versions_of
from pipelines.errors import UsageError


class OtherColumnsError(UsageError):
    """A figure table whose columns are not those of its definition; the message names them and the remedy."""


def make_new_figures(connection: sa.Connection) -> None:
    """Make every figure table that is missing: its versions, its staging, the view of its name and, in PostgreSQL, its comments.

    OtherColumnsError where one that stands has other columns than its definition: what was published there is kept, so that
    it is changed by a revision only.
    """
    inspector = sa.inspect(connection)
    standing = set(inspector.get_table_names())
    for name in FIGURES:
        versions = versions_of(name)
        if versions.name not in standing:
            _make(connection, name)
        elif different := {c["name"] for c in inspector.get_columns(versions.name)} ^ {*versions.c.keys()}:
            raise OtherColumnsError(
                f"结果表 {name} 与其定义的列不同：{'、'.join(sorted(different))}；已有的结果表增删列，"
                "须在 migrations/versions 中写一个修订（新的结果表不必写），或换用写过该结果库的程序版本"
            )


def _make(connection: sa.Connection, name: str) -> None:
    view, nightly = METADATA.tables[name], (staging_of(name), leaving_of(name))
    METADATA.create_all(connection, [versions_of(name), *nightly])
    connection.exec_driver_sql(f"CREATE VIEW {name} AS {define_view(name)}")
    if connection.dialect.name == "postgresql":
        for table in nightly:
            connection.exec_driver_sql(f"ALTER TABLE {table.name} SET UNLOGGED")
        comment = sa.literal(view.comment, sa.Text()).compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        connection.exec_driver_sql(f"COMMENT ON VIEW {name} IS {comment}")
        for column in view.columns:
            connection.execute(sa.schema.SetColumnComment(column))
