"""Staging: what the night changes, in the database, not yet visible to anyone."""

import datetime as dt
from collections.abc import Callable, Iterable

import sqlalchemy as sa

from pipelines.database.lease import Fence, unfenced
from pipelines.database.ledger import LedgerError
from pipelines.database.load import load
from pipelines.database.made import NOT_IN_FILES, Made
from pipelines.database.standing import Publication, standing
from pipelines.database.tables import (
    FIGURES,
    LEDGERS,
    METADATA,
    STAGED,
    STILL_VALID,
    key_of,
    leaving_of,
    staging_of,
    versions_of,
)
from pipelines.database.versions import WRITTEN_ONCE, figures_staged, is_written_once, nothing_published
from pipelines.publish.lifecycle import begin_life, settle_lives
from pipelines.publish.tasks.terms import NOTHING_DUE, Terms
from pipelines.store import keys
from pipelines.store.store import Store
from schemas.reports import REPORTS

_STAGED_RUN = METADATA.tables["staging_run"]
_EMPTIED = (_STAGED_RUN, *map(staging_of, STAGED), *map(leaving_of, FIGURES))


def stage(
    engine: sa.Engine,
    run_id: str,
    as_of: dt.date,
    base: Publication | None,
    store: Store,
    terms: Terms = NOTHING_DUE,
    made: Made | None = None,
    fence: Fence = unfenced,
) -> dict[str, int]:
    """Replace what is staged by what this run changes; return the number of rows that come, per table.

    `store` holds, as `changes` describes, per figure table the rows that come (columns of the table
    without as_of and run_id; findings also without first_seen, due_on, state) and those that go, both relative to the
    publication `base`; and the ledgers source_files and check_results
    without run_id. Findings get their clock, and the cured their last row, as `lifecycle` says; `due_on` is
    what `terms` give them, or their last extension. `made` is what the run made, if it was computed by earlier code:
    tables and columns of later are left as they are, and empty. One transaction: all of it or the former contents.
    While no date is published, figures (`WRITTEN_ONCE`) go where they are to stand, a transaction for each table, so that the
    log of the database holds one of them at most: nobody sees them before their date is published, and who stages again
    removes them. Rows that cannot stand there are staged like those of any night, for the audit to name them.
    Raises ReportFileError, LedgerError when another publication stands by now, and LeaseError when another run is at work.
    """

    def staged(*, at_once: bool) -> dict[str, int]:
        with engine.connect() as connection:
            connection.begin()

            def keep() -> None:
                fence(connection)  # last: whoever renews the lease meanwhile does not wait for all of it
                connection.commit()
                connection.begin()  # the driver, which rows are given to, would begin none that SQLAlchemy knows of

            rows = _stage(connection, run_id, as_of, base, store, terms, made, keep if at_once else None)
            keep()
        return rows

    try:
        rows = staged(at_once=True)
    except _not_to_stand(engine):
        if base is not None:  # nothing was to stand at once
            raise
        rows = staged(at_once=False)
    if base is not None:  # on nothing, nothing is joined with what stands
        _analyze_staging(engine)
    return rows


def _not_to_stand(engine: sa.Engine) -> type[Exception]:
    """What is raised for a row whose key stands, or which lacks a value: by the driver, which is given the rows directly."""
    error: type[Exception] = engine.dialect.loaded_dbapi.IntegrityError
    return error


def _stage(
    connection: sa.Connection,
    run_id: str,
    as_of: dt.date,
    base: Publication | None,
    store: Store,
    terms: Terms,
    made: Made | None,
    keep: Callable[[], None] | None,
) -> dict[str, int]:
    """`keep` is called after each table that may stand at once; without it none does."""
    rows: dict[str, int] = {}
    span = {"valid_from": as_of, "valid_to": STILL_VALID}
    _refuse_other(base, standing(connection, as_of), run_id)
    empty_staging(connection)
    if is_written_once(connection):  # of a night that was not published
        _empty(connection, map(versions_of, WRITTEN_ONCE))
    is_first = nothing_published(connection)
    for name in FIGURES:
        if made is not None and name not in made.tables:
            rows[name] = 0
            continue
        given = begin_life(as_of, terms) if name == "findings" else {}
        given |= _without_later_columns(name, made, run_id)
        stands = keep is not None and is_first and name in WRITTEN_ONCE
        target = versions_of(name) if stands else staging_of(name)
        rows[name] = load(connection, target, store.at(keys.came(name)), given | (span if stands else {}))
        if stands and keep:
            keep()
        if base is not None:  # on nothing, nothing goes
            load(connection, leaving_of(name), store.at(keys.gone(name)), {}, surplus=True)
    for name in LEDGERS:
        rows[name] = load(connection, staging_of(name), store.at(keys.ledger(name)), {"run_id": run_id})
    settle_lives(connection, as_of, base, terms)
    rows["findings"] = _count_rows(connection, "findings")
    of_base = {"base_as_of": base.as_of, "base_run_id": base.run_id} if base else {}
    connection.execute(sa.insert(_STAGED_RUN), [{"run_id": run_id, "as_of": as_of, **of_base}])
    return rows


def _without_later_columns(name: str, made: Made | None, run_id: str) -> dict[str, object]:
    """The columns that the run did not make, as null; LedgerError where one of them may not be."""
    later = [c for c in REPORTS[name].columns if made and c.name not in (*made.tables[name], *NOT_IN_FILES)]
    if missing := [c.name for c in later if not c.nullable]:
        raise LedgerError(
            f"运行 {run_id} 由较早的程序计算，结果表 {name} 没有现在必填的列 {'、'.join(missing)}；请重新运行该截止日"
        )
    return dict.fromkeys((c.name for c in later), None)


def is_staged(engine: sa.Engine, run_id: str, as_of: dt.date) -> bool:
    """Whether the run is what is staged. PostgreSQL empties all of staging, this row too, when it comes up after a crash: no
    table of it is logged.
    """
    with engine.connect() as connection:
        staged = connection.execute(sa.select(_STAGED_RUN)).first()
    return staged is not None and (staged.run_id, staged.as_of) == (run_id, as_of)


def check_staged(connection: sa.Connection, run_id: str, as_of: dt.date) -> Publication | None:
    """Return the publication that the staged rows change.

    Raises LedgerError when another run or date is staged, or when something was published since.
    """
    staged = connection.execute(sa.select(_STAGED_RUN)).first()
    if staged is None or (staged.run_id, staged.as_of) != (run_id, as_of):
        held = f"运行 {staged.run_id}({staged.as_of}) 的数据" if staged else "空的"
        raise LedgerError(f"暂存表中是{held}，不是 {run_id}({as_of})；请重新运行该截止日")
    base = Publication(staged.base_as_of, staged.base_run_id) if staged.base_as_of else None
    _refuse_other(base, standing(connection, as_of), run_id)
    return base


def _refuse_other(base: Publication | None, now: Publication | None, run_id: str) -> None:
    if base != now:
        was, stands = (f"{found.run_id}({found.as_of})" if found else "没有已发布的数字" for found in (base, now))
        raise LedgerError(f"运行 {run_id} 是相对 {was} 计算的，而现在的基准是 {stands}：其间另有发布，请重新运行")


def _count_rows(connection: sa.Connection, name: str) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(staging_of(name))).scalar_one())


def empty_staging(connection: sa.Connection) -> None:
    """Remove what is staged, within the caller's transaction."""
    _empty(connection, _EMPTIED)


def _empty(connection: sa.Connection, tables: Iterable[sa.Table]) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("TRUNCATE " + ", ".join(table.name for table in tables))
        return
    for table in tables:
        connection.execute(sa.delete(table))


def _analyze_staging(engine: sa.Engine) -> None:
    """Tell the planner of PostgreSQL how large the staging tables are now."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for name in figures_staged(connection):
                # The keys are what is joined on; to sample all columns takes several times as long.
                for table in (staging_of(name), leaving_of(name)):
                    connection.exec_driver_sql(f"ANALYZE {table.name} ({', '.join(key_of(name))})")
