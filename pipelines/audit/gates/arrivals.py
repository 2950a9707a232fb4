"""The gate `arrival.<source>`: no known source is silent for longer than the arrival calendar allows.

A source is a dataset with the folders below it that name a sender (`deliveries/cixi`), or the dataset alone
for files that lie in its own folder.
"""

import datetime as dt
import re
from dataclasses import dataclass

import sqlalchemy as sa

from pipelines.audit.expectations import Check, quote
from pipelines.audit.gates.limits import AuditLimits, Waived
from pipelines.database.tables import METADATA, staging_of

_RUNS, _FILES, _STAGED = METADATA.tables["runs"], METADATA.tables["source_files"], staging_of("source_files")
# 2020, 202010, 20201031, 2020-10, 2020Q4, 2020年10月. No code of a division begins with 19 or 20.
_DATE = re.compile(r"(19|20)\d\d((\d\d){0,2}|[-_.年Qq].*)")


@dataclass
class _Arrivals:
    """When rows of a source were accepted: so many dates, and last by a run, which may be the one staged."""

    dates: set[dt.date]
    last: dt.date
    run_id: str
    table: str


def expect_arrivals(connection: sa.Connection, as_of: dt.date, limits: AuditLimits) -> list[Check | Waived]:
    """Passes when rows of the source were accepted at most `arrival_days` of as_of ago, or as its calendar says.

    Skipped when it came on fewer than `history_runs` published dates and the calendar does not name it; a
    source not seen for `arrival_forget_days` is forgotten.
    """
    sources = _read_arrivals(connection, as_of, limits.arrival_forget_days)
    gates: list[Check | Waived] = []
    for source in sorted(sources.keys() | limits.arrival_calendar.keys()):
        found, own = sources.get(source), limits.arrival_calendar.get(source)
        check_id, dataset = f"arrival.{source}", source.partition("/")[0]
        if found is None:
            message_zh = (
                f"到报日历列出的来源 {source} 近 {limits.arrival_forget_days} 天没有来过，无从判断；"
                "请核对 gate_arrival_calendar 中的数据集与目录名"
            )
            gates.append(Waived(check_id, dataset, message_zh))
        elif own is None and len(found.dates) < limits.history_runs:
            message_zh = f"只在 {len(found.dates)} 个发布日来过，不足 {limits.history_runs} 个，不判断是否缺报"
            gates.append(Waived(check_id, dataset, message_zh))
        else:
            gates.append(_expect_arrival(source, found, as_of, limits.arrival_days if own is None else own))
    return gates


def _expect_arrival(source: str, found: _Arrivals, as_of: dt.date, days: int) -> Check:
    run = f"FROM {found.table} AS r WHERE r.run_id = {quote(found.run_id)}"
    failing = f"SELECT r.run_id, r.as_of {run} AND r.as_of < '{as_of - dt.timedelta(days=days)}'"
    message_zh = (
        f"{source} 已 {(as_of - found.last).days} 天没有数据（最近一次是 {found.last}），上限 {days} 天；"
        "请催报，收到后重新运行；确已停报的，核实后放行，并在 gate_arrival_calendar 中改其天数"
    )
    dataset = source.partition("/")[0]
    return Check(f"arrival.{source}", dataset, "source_files", failing, message_zh, f"SELECT COUNT(*) {run}")


def _read_arrivals(connection: sa.Connection, as_of: dt.date, forget_days: int) -> dict[str, _Arrivals]:
    """Every source of the published runs up to `as_of`, and of the staged one."""
    folder = _folder_of(_FILES)
    earlier = (
        sa.select(_FILES.c.dataset, folder, _RUNS.c.as_of, sa.func.max(_RUNS.c.run_id))
        .join_from(_RUNS, _FILES, _FILES.c.run_id == _RUNS.c.run_id)
        .where(_RUNS.c.status == "published", _FILES.c.rows_accepted > 0, _RUNS.c.as_of <= as_of)
        .where(_RUNS.c.as_of >= as_of - dt.timedelta(days=forget_days))
        .group_by(_FILES.c.dataset, folder, _RUNS.c.as_of)
    )
    tonight = sa.select(_STAGED.c.dataset, _folder_of(_STAGED), _STAGED.c.run_id).where(_STAGED.c.rows_accepted > 0)
    sources: dict[str, _Arrivals] = {}
    for dataset, path, day, run_id in connection.execute(earlier):
        _note_arrival(sources, _source_of(dataset, path), day, run_id, "runs")
    for dataset, path, run_id in connection.execute(tonight.distinct()):
        _note_arrival(sources, _source_of(dataset, path), as_of, run_id, "staging_run")
    return sources


def _folder_of(files: sa.Table) -> sa.ColumnElement[str]:
    """The path without the file's name: what is left when all trailing characters but the slash are taken off."""
    # Literals, because PostgreSQL takes two parameters of the same value for two expressions when it groups.
    others = sa.func.replace(files.c.path, sa.literal_column("'/'"), sa.literal_column("''"))
    return sa.func.rtrim(files.c.path, others)


def _note_arrival(sources: dict[str, _Arrivals], source: str, day: dt.date, run_id: str, table: str) -> None:
    found = sources.setdefault(source, _Arrivals(set(), day, run_id, table))
    found.dates.add(day)
    if day >= found.last:
        found.last, found.run_id, found.table = day, run_id, table


def _source_of(dataset: str, folder: str) -> str:
    """Dataset and sender; a folder that is a date, and what lies below it, names no sender."""
    parts = [part for part in folder.split("/") if part]
    source = [dataset]
    for part in parts[1:] if parts[:1] == [dataset] else parts:
        if _DATE.fullmatch(part):
            break
        source.append(part)
    return "/".join(source)
