"""Staging: the night's report files in the database, not yet visible to anyone."""

import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from pipelines.publish.database import FIGURES, LEDGERS, METADATA, STAGED, staging_of
from pipelines.publish.ledger import LedgerError
from pipelines.publish.load import load


def stage(
    engine: sa.Engine,
    run_id: str,
    as_of: dt.date,
    reports_dir: Path,
    ledger_dir: Path,
    remedy_days: int | None = None,
) -> dict[str, int]:
    """Replace the contents of the staging tables by this run's files; return the number of rows per table.

    `reports_dir/<figure table>.parquet` holds the columns of the table without as_of and run_id (findings
    also without first_seen, due_on, state); `ledger_dir` holds source_files.parquet and
    check_results.parquet without run_id. A finding keeps the first_seen of the date published before,
    unless it was cured there; `due_on` is `remedy_days` after it, null without them; a finding that is
    gone since gets one last row, state `cured` (慈政办发〔2020〕68号 四(六)). One transaction: all of it
    or the former contents. Raises ReportFileError.
    """
    run = {"as_of": as_of, "run_id": run_id}
    opened = {**run, "first_seen": as_of, "due_on": None, "state": "open"}
    rows: dict[str, int] = {}
    with engine.begin() as connection:
        _empty_staging(connection)
        for name in FIGURES:
            constants = opened if name == "findings" else run
            rows[name] = load(connection, staging_of(name), reports_dir / f"{name}.parquet", constants)
        for name in LEDGERS:
            rows[name] = load(
                connection, staging_of(name), ledger_dir / f"{name}.parquet", {"run_id": run_id}
            )
        if (previous := previous_published(connection, as_of)) is not None:
            _keep_first_seen(connection, previous)
        _set_due(connection, remedy_days)
        if previous is not None:
            rows["findings"] += _add_cured(connection, run, previous)
    _analyze_staging(engine)
    return rows


def previous_published(connection: sa.Connection, as_of: dt.date) -> dt.date | None:
    """Return the greatest published date below `as_of`, None on the first night."""
    runs = METADATA.tables["runs"]
    query = sa.select(sa.func.max(runs.c.as_of)).where(runs.c.status == "published", runs.c.as_of < as_of)
    found: dt.date | None = connection.execute(query).scalar_one()
    return found


def check_staged(connection: sa.Connection, run_id: str, as_of: dt.date) -> None:
    """Raise LedgerError when staging holds rows of another run or date."""
    for name in STAGED:
        staged = staging_of(name)
        foreign = staged.c.run_id.is_distinct_from(run_id)
        if "as_of" in staged.c:
            foreign = sa.or_(foreign, staged.c.as_of.is_distinct_from(as_of))
        if (
            found := connection.execute(sa.select(staged.c.run_id).where(foreign).limit(1)).first()
        ) is not None:
            raise LedgerError(
                f"暂存表 {staged.name} 中是运行 {found.run_id} 的数据，不是 {run_id}({as_of}),"
                "请先重新暂存该运行"
            )


def _empty_staging(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("TRUNCATE " + ", ".join(f"staging_{name}" for name in STAGED))
        return
    for name in STAGED:
        connection.execute(sa.delete(staging_of(name)))


def _select_open(previous: dt.date) -> sa.Subquery:
    findings = METADATA.tables["findings"]
    return (
        sa.select(findings)
        .where(findings.c.as_of == previous, findings.c.state != "cured")
        .subquery("earlier")
    )


def _keep_first_seen(connection: sa.Connection, previous: dt.date) -> None:
    staged, earlier = staging_of("findings"), _select_open(previous)
    same = earlier.c.finding_id == staged.c.finding_id
    first_seen = sa.select(earlier.c.first_seen).where(same).scalar_subquery()
    connection.execute(sa.update(staged).where(sa.exists().where(same)).values(first_seen=first_seen))


def _set_due(connection: sa.Connection, remedy_days: int | None) -> None:
    if remedy_days is None:
        return
    staged = staging_of("findings")
    # Dates are added here, not in SQL, where the two databases differ; there are few distinct dates.
    for first_seen in connection.execute(sa.select(staged.c.first_seen).distinct()).scalars().all():
        due_on = first_seen + dt.timedelta(days=remedy_days)
        connection.execute(sa.update(staged).where(staged.c.first_seen == first_seen).values(due_on=due_on))


def _add_cured(connection: sa.Connection, run: dict[str, object], previous: dt.date) -> int:
    staged, earlier = staging_of("findings"), _select_open(previous)
    changed = {**run, "state": "cured"}
    values = [
        sa.literal(changed[column.name], column.type) if column.name in changed else earlier.c[column.name]
        for column in staged.columns
    ]
    # EXCEPT and not an outer join: SQLite would read all of the unindexed staging table for every finding.
    gone = sa.select(earlier.c.finding_id).except_(sa.select(staged.c.finding_id)).subquery("gone")
    rows = sa.select(*values).select_from(gone.join(earlier, earlier.c.finding_id == gone.c.finding_id))
    cured = sa.insert(staged).from_select([column.name for column in staged.columns], rows)
    return int(connection.execute(cured.execution_options(preserve_rowcount=True)).rowcount)


def _analyze_staging(engine: sa.Engine) -> None:
    """Tell the planner of PostgreSQL how large the staging tables are now."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for name in STAGED:
                connection.exec_driver_sql(f"ANALYZE staging_{name}")
