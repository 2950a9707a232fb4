"""Figures as versions behind views; rows that come and keys that leave as the staging of a night."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEYS = {
    "agreed_volume_completion": ("commitment_id",),
    "agreed_volume_rollup": ("level", "code", "phase", "duty"),
    "findings": ("finding_id",),
    "payment_timeliness": ("due_rule", "institution_code", "distributor_code", "due_month"),
    "payment_unallocated": ("institution_code", "distributor_code"),
    "two_invoice_compliance": ("institution_code", "month"),
    "two_invoice_line": ("invoice_code", "invoice_no", "line_no"),
}
STILL_VALID = dt.date(9999, 12, 31)


def upgrade() -> None:
    connection = op.get_bind()
    unlogged = ["UNLOGGED"] if connection.dialect.name == "postgresql" else []
    tables = {name: sa.Table(name, sa.MetaData(), autoload_with=connection) for name in KEYS}
    publications = _create_publications()
    _fill_publications(connection, publications, tables)
    for name, table in tables.items():
        staged_comment = sa.Table(f"staging_{name}", sa.MetaData(), autoload_with=connection).comment
        versions = _create_versions(name, table)
        _fill_versions(connection, table, versions, publications)
        op.drop_table(name)
        _create_view(connection, table)
        op.drop_table(f"staging_{name}")
        rows = [_copy(column, nullable=True) for column in table.columns if column.name not in _OF_THE_NIGHT]
        op.create_table(f"staging_{name}", *rows, comment=staged_comment, prefixes=unlogged)
        keys = [_copy(table.c[key]) for key in KEYS[name]]
        comment = f"撤下 / keys leaving {table.comment}" if table.comment else None
        op.create_table(f"leaving_{name}", *keys, comment=comment, prefixes=unlogged)
    _create_staging(unlogged)


def downgrade() -> None:
    raise NotImplementedError("figures kept as versions are not spread over tables again; restore a backup")


_OF_THE_NIGHT = ("as_of", "run_id")


def _copy(column, nullable=None):
    nullable = column.nullable if nullable is None else nullable
    return sa.Column(column.name, column.type, nullable=nullable, comment=column.comment)


def _create_publications():
    return op.create_table(
        "publications",
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Published date."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run whose figures stand for it."),
        sa.PrimaryKeyConstraint("as_of", name="pk_publications"),
        comment="发布 / which run's figures stand for a date",
    )


def _fill_publications(connection, publications, tables) -> None:
    """The run named by the figures of a date; where a date has none, the last run published for it."""
    runs = sa.Table("runs", sa.MetaData(), autoload_with=connection)
    published = sa.select(runs.c.as_of, runs.c.run_id).where(runs.c.status == "published")
    standing = dict(connection.execute(published.order_by(runs.c.finished_at)).all())
    for table in tables.values():
        standing |= dict(connection.execute(sa.select(table.c.as_of, table.c.run_id).distinct()).all())
    if standing:
        rows = [{"as_of": as_of, "run_id": run_id} for as_of, run_id in sorted(standing.items())]
        connection.execute(sa.insert(publications), rows)


def _create_versions(name, table):
    return op.create_table(
        f"{name}_versions",
        *(_copy(column) for column in table.columns if column.name not in _OF_THE_NIGHT),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="起始日: First as_of the row is valid at."),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="截止日: First as_of it is not valid at."),
        sa.PrimaryKeyConstraint(*KEYS[name], "valid_from", name=f"pk_{name}_versions"),
        comment=f"版本 / versions of {table.comment}" if table.comment else None,
        sqlite_with_rowid=False,
    )


def _fill_versions(connection, table, versions, publications) -> None:
    """Every row becomes valid from its date to the next published one."""
    until = sa.func.coalesce(
        sa.func.lead(publications.c.as_of).over(order_by=publications.c.as_of), sa.literal(STILL_VALID, sa.Date())
    )
    span = sa.select(publications.c.as_of, until.label("valid_to")).subquery()
    columns = [column for column in table.columns if column.name not in _OF_THE_NIGHT]
    rows = sa.select(*columns, span.c.as_of, span.c.valid_to).join_from(table, span, table.c.as_of == span.c.as_of)
    in_key_order = rows.order_by(*(table.c[key] for key in KEYS[table.name]), table.c.as_of)
    connection.execute(sa.insert(versions).from_select(list(versions.columns.keys()), in_key_order))


def _create_view(connection, table) -> None:
    columns = ", ".join(f"{'p' if c.name in _OF_THE_NIGHT else 'v'}.{c.name}" for c in table.columns)
    connection.exec_driver_sql(
        f"CREATE VIEW {table.name} AS SELECT {columns} FROM publications p"
        f" JOIN {table.name}_versions v ON v.valid_from <= p.as_of AND p.as_of < v.valid_to"
    )
    if connection.dialect.name == "postgresql":
        comment = (table.comment or "").replace("'", "''")
        connection.execute(sa.text(f"COMMENT ON VIEW {table.name} IS '{comment}'"))
        for column in table.columns:
            connection.execute(sa.schema.SetColumnComment(column))


def _create_staging(unlogged) -> None:
    for name in ("check_results", "source_files"):
        if unlogged:
            op.execute(f"ALTER TABLE staging_{name} SET UNLOGGED")
    op.create_table(
        "staging_run",
        sa.Column("run_id", sa.Text(), nullable=False, comment="运行编号: Run that is staged."),
        sa.Column("as_of", sa.Date(), nullable=False, comment="统计截止日: Its date."),
        sa.Column("base_as_of", sa.Date(), comment="基准日: Date whose figures it changes."),
        sa.Column("base_run_id", sa.Text(), comment="基准运行: Run that stood for that date."),
        comment="暂存 / the run that is staged and the figures it changes",
        prefixes=unlogged,
    )
    op.create_table(
        "staging_tally",
        sa.Column("check_id", sa.Text(), nullable=False, comment="检查编号: Check."),
        sa.Column("failing", sa.BigInteger(), comment="不符条数: Failing items, null when not counted."),
        comment="暂存 / failing items per check of the audit",
        prefixes=unlogged,
    )
