"""The figures of every published date, read once as versions: their digests, and the life of findings.

A row is hashed once and counts for each date at which it is valid, so that years cost no more than their changes.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import Made, made_by
from pipelines.database.tables import FIGURES, METADATA, key_of, versions_of
from pipelines.database.unload import unload, unload_whole
from pipelines.database.versions import nothing_published
from pipelines.engine.digest import Tally, seal, tally
from pipelines.errors import VbpError
from pipelines.publish.tasks.terms import Terms, terms_at
from pipelines.retain.dropped import read_dropped
from pipelines.store.dossier import has_dossier, read_dossier, tallies_of
from pipelines.store.runs import objects_of
from pipelines.store.store import Store
from pipelines.verify.report import Cell, Report
from pipelines.verify.shown import seal_like, write_shown
from schemas.reports import REPORTS

_SPAN = ("valid_from", "valid_to")
_CLOCK = ("first_seen", "due_on")


class _Extension(NamedTuple):
    """The published date on which a finding was extended, when that was done, and to when."""

    as_of: dt.date
    at: str
    due_on: dt.date


class _Date(NamedTuple):
    """A date that was published, with the run whose figures stand or stood for it, and that run's result digest."""

    as_of: dt.date
    run_id: str
    result_digest: str | None
    is_dropped: bool


def check_history(connection: sa.Connection, home: Store, but: str, scratch: Store, report: Report) -> None:
    """Report dates whose figures are not those that their run published (but for run `but`, which is compared cell by
    cell elsewhere), and findings whose dates or last rows do not follow from the dates before.
    """
    t, runs = METADATA.tables["publications"], METADATA.tables["runs"]
    query = sa.select(t.c.as_of, t.c.run_id, runs.c.result_digest).outerjoin_from(t, runs, runs.c.run_id == t.c.run_id)
    dates = {row.as_of: _Date(row.as_of, row.run_id, row.result_digest, is_dropped=True) for row in read_dropped(connection)}
    dates |= {row.as_of: _Date(*row, is_dropped=False) for row in connection.execute(query)}
    standing = [dates[day] for day in sorted(dates)]
    days = [row.as_of for row in standing]
    made = [made_by(objects_of(home, row.run_id)) for row in standing]
    shown = {
        (name, columns): _tally_days(connection, name, columns, days)
        for name in FIGURES
        for columns in {own.tables[name] for own in made if name in own.tables}
    }
    for place, (day, run_id, digest, is_dropped) in enumerate(standing):
        noted = _published(objects_of(home, run_id), digest)
        now = {name: shown[name, columns][place] for name, columns in made[place].tables.items() if name in FIGURES}
        if run_id == but or digest is None:  # a row of the ledger without it is no longer what was sealed
            continue
        if is_dropped:  # of its figures only the findings stand
            now = {name: total for name, total in now.items() if name == "findings"}
        if noted is None:
            if not is_dropped and not _is_sealed(connection, day, made[place], now, digest, scratch):
                report.faults.append(f"{day} 的结果表与运行 {run_id} 的 result_digest 不符（分表摘要已不在，无法指明表）")
            continue
        report.faults += [
            f"{day} 的表 {name}（{REPORTS[name].title_zh}）与运行 {run_id} 发布时不符；用 vbp verify {run_id} 逐格比较"
            for name in now
            if now[name] != noted.get(name, 0)
        ]
    _check_spans(connection, {row.as_of for row in standing if not row.is_dropped}, set(days), report)
    _check_lives(connection, home, days, [row.run_id for row in standing], report)


def _is_sealed(
    connection: sa.Connection, day: dt.date, made: Made, now: Mapping[str, int], digest: str, scratch: Store
) -> bool:
    """Whether what a date shows has the result digest of its run, which noted none by table."""
    tables = {
        n: write_shown(connection, n, day, scratch.at(f"{day}/{n}.parquet"), columns) for n, columns in made.tables.items()
    }
    return seal_like(digest, now, tables, made) == digest


def _published(store: Store, digest: str | None) -> dict[str, int] | None:
    """The digests by table that a run noted, if they are still those of its ledger row."""
    try:
        kept = tallies_of(store)
    except VbpError:  # damaged
        return None
    return kept if seal(kept) == digest else None


def _select(name: str, columns: Sequence[str]) -> sa.Select[Any]:
    """Rows of a table of versions with their span, findings of nights only those that are open."""
    versions = versions_of(name)
    query = sa.select(*(versions.c[c] for c in (*columns, *_SPAN)))
    if name == "findings" and "state" not in columns:
        query = query.where(versions.c.state == "open")
    return query


def _tally_days(connection: sa.Connection, name: str, columns: Sequence[str], days: Sequence[dt.date]) -> list[Tally]:
    """The digest of what a figure table shows of those columns, date by date."""
    begins = [Tally(0) for _ in (*days, None)]
    for rows in unload(connection, _select(name, columns)):
        for (since, until), own in rows.group_by(_SPAN):
            total = tally(own, columns)
            begins[bisect_left(days, since)] += total
            begins[bisect_left(days, until)] -= total
    shown, running = [], Tally(0)
    for change in begins[:-1]:
        running += change
        shown.append(running)
    return shown


def _check_spans(connection: sa.Connection, standing: Set[dt.date], ever: Set[dt.date], report: Report) -> None:
    """Rows valid at no published date: nobody sees them, and no digest holds them; findings keep those of dropped dates."""
    if nothing_published(connection):  # what stands is of a night to come
        return
    inspector = sa.inspect(connection)
    for name in FIGURES:
        v, known = versions_of(name), {*(ever if name == "findings" else standing), dt.date(9999, 12, 31)}
        if not inspector.has_table(v.name):  # the program is newer than the database
            continue
        for since, until in connection.execute(sa.select(v.c.valid_from, v.c.valid_to).distinct()):
            if {since, until} <= known and since < until:
                continue
            odd = sa.select(*(v.c[k] for k in key_of(name))).where(v.c.valid_from == since, v.c.valid_to == until)
            keys = "、".join(" ".join(map(str, row)) for row in connection.execute(odd.limit(5)))
            report.faults.append(f"表 {name}_versions 中 {keys} 的有效期 {since}—{until} 不合发布日：被改动或插入")


def _check_lives(connection: sa.Connection, home: Store, days: Sequence[dt.date], runs: Sequence[str], report: Report) -> None:
    """first_seen and due_on of open findings, and the last row (cured) of those that are gone.

    A date that was frozen before the one in front of it was published kept what it had: nothing is said of its beginnings.
    """
    columns = [c.name for c in REPORTS["findings"].columns if c.name not in ("as_of", "run_id")]
    rows = unload_whole(connection, _select("findings", columns))
    if rows.is_empty() or not days:
        return
    places = pl.DataFrame({"day": [*days, dt.date(9999, 12, 31)]}, schema={"day": pl.Date}).with_row_index("place")
    for name, column in (("begins", "valid_from"), ("ends", "valid_to")):
        rows = rows.join(places.rename({"day": column, "place": name}), on=column, how="inner")
    kept = _kept_clocks(connection, days, runs)
    opened = rows.filter(state="open").sort("finding_id", "begins")
    follows = (pl.col("ends").shift(1) == pl.col("begins")) & (pl.col("finding_id").shift(1) == pl.col("finding_id"))
    since = pl.when(follows.fill_null(False)).then(pl.col("first_seen").shift(1)).otherwise("valid_from")
    cells = [
        Cell("findings", {"as_of": str(day), "finding_id": finding}, "first_seen", was, now)
        for finding, day, was, now in opened.with_columns(was=since)
        .filter((pl.col("was") != pl.col("first_seen")) & ~pl.col("begins").is_in(kept))
        .select("finding_id", "valid_from", "was", "first_seen")
        .iter_rows()
    ]
    cells += _check_due(connection, opened, home, days, runs)
    cured = rows.filter((pl.col("state") == "cured") & ~pl.col("begins").is_in(kept))
    cells += _check_cured(opened, cured, days, columns, kept)
    if cells:
        report.differs("findings", REPORTS["findings"].title_zh, cells, "的首次发现日、整改期限或消除记录")


def _kept_clocks(connection: sa.Connection, days: Sequence[dt.date], runs: Sequence[str]) -> list[int]:
    """Places of the dates that were frozen before what stands for the date in front of them was published."""
    r, b = METADATA.tables["runs"], METADATA.tables["bulletins"]
    ended = dict(connection.execute(sa.select(r.c.run_id, r.c.finished_at)).all())
    frozen = sa.select(b.c.as_of, sa.func.min(b.c.made_at)).where(b.c.is_frozen == 1).group_by(b.c.as_of)
    since = dict(connection.execute(frozen).all())
    return [
        place for place, day in enumerate(days) if place and day in since and (ended.get(runs[place - 1]) or "") > since[day]
    ]


def _check_due(
    connection: sa.Connection, opened: pl.DataFrame, home: Store, days: Sequence[dt.date], runs: Sequence[str]
) -> list[Cell]:
    """Cells of open findings (`begins`, `ends`: places among the published `days`) that are not due when the run of the date had
    them due, or when they were last extended to by then; without a date's dossier or policies nothing is said.

    What was done while the run was at work it may have seen or not.
    """
    r = METADATA.tables["runs"].c
    known = connection.execute(sa.select(r.run_id, r.policy_digest, r.started_at, r.finished_at)).all()
    digests = {run.run_id: run.policy_digest for run in known}
    spans = {run.run_id: (run.started_at, run.finished_at or "") for run in known}
    extensions = _read_extensions(connection)
    kept: dict[object, Terms | None] = {}
    cells: list[Cell] = []
    before: Terms | None = None
    for place, (day, run_id) in enumerate(zip(days, runs, strict=True)):
        terms = _terms(home, run_id, digests.get(run_id), kept)
        if terms is None:
            before = None
            continue
        shown = (pl.col("begins") <= place) & (pl.col("ends") > place)
        # Where the terms are those of the date before, what stood there was looked at there, but for what was extended.
        again = pl.col("finding_id").is_in(list(extensions))
        at = shown if terms is not before else shown & ((pl.col("begins") == place) | again)
        looked_at = opened.filter(at).select("finding_id", "rule_code", "jurisdiction_code", "first_seen", "due_on")
        for finding, rule, division, first_seen, now in looked_at.iter_rows():
            policy = terms.due(rule, division or "", first_seen)
            may_be = _extended(policy, extensions.get(finding, ()), first_seen, day, spans.get(run_id, ("", "")))
            if now not in may_be:
                key = {"as_of": str(day), "finding_id": finding}
                cells.append(Cell("findings", key, "due_on", may_be[-1], now))
        before = terms
    return cells


def _terms(home: Store, run_id: str, digest: str | None, kept: dict[object, Terms | None]) -> Terms | None:
    """The terms of a run, the same object for runs with the same; None where it noted none, or nobody can read them."""
    store = objects_of(home, run_id)
    try:
        figures = read_dossier(store).figures if has_dossier(store) else None
        if figures is None or not (figures.has_terms or figures.remedy_days is not None):
            return None
        key = digest if figures.has_terms else figures.remedy_days
        if key not in kept:
            kept[key] = terms_at(store)
    except (VbpError, ValueError, KeyError, AttributeError):  # damage is told where files and policies are looked at
        return None
    return kept[key]


def _read_extensions(connection: sa.Connection) -> dict[str, list[_Extension]]:
    if not sa.inspect(connection).has_table("task_actions"):  # the program is newer than the database
        return {}
    a = METADATA.tables["task_actions"].c
    query = sa.select(a.finding_id, a.as_of, a.at, a.new_due_on).where(a.action == "extend").order_by(a.action_id)
    found: dict[str, list[_Extension]] = {}
    for finding, *extension in connection.execute(query):
        found.setdefault(finding, []).append(_Extension(*extension))
    return found


def _extended(
    policy: dt.date | None, extensions: Sequence[_Extension], first_seen: dt.date, day: dt.date, span: tuple[str, str]
) -> list[dt.date | None]:
    """When a finding may be due at a date: as policy says or it was last extended before the run began, and all that was said
    while the run, `span`, was at work.
    """
    begun, ended = span
    own = [e for e in extensions if first_seen <= e.as_of <= day and e.at <= ended]
    known = [e.due_on for e in own if e.at < begun]
    return [policy if not known else known[-1], *(e.due_on for e in own if e.at >= begun)]


def _check_cured(
    opened: pl.DataFrame, cured: pl.DataFrame, days: Sequence[dt.date], columns: Sequence[str], kept: Sequence[int]
) -> list[Cell]:
    """Open at one date and not at the next: there it has one row, like the last open one."""
    nexts = opened.select("finding_id", begins="begins")
    ended = (
        opened.filter((pl.col("ends") < len(days)) & ~pl.col("ends").is_in(kept))
        .join(nexts, left_on=["finding_id", "ends"], right_on=["finding_id", "begins"], how="anti")
        .with_columns(begins="ends", ends=pl.col("ends") + 1)
    )
    values = [c for c in columns if c not in ("finding_id", "state")]
    key = ["finding_id", "begins"]
    both = ended.select(*key, "ends", *values, has=pl.lit(True)).join(
        cured.select(*key, "ends", *values, has=pl.lit(True)), on=key, how="full", coalesce=True, suffix=":now"
    )
    cells: list[Cell] = []
    differs = pl.any_horizontal(pl.col(c).ne_missing(pl.col(f"{c}:now")) for c in ("has", "ends", *values))
    for row in both.filter(differs).sort(key).to_dicts():
        where = {"as_of": str(days[row["begins"]]), "finding_id": row["finding_id"]}
        if row["has"] is None or row["has:now"] is None:
            sides = ["无" if row[side] is None else "有" for side in ("has", "has:now")]
            cells.append(Cell("findings", where, "state", *(f"{side}已消除行" for side in sides)))
            continue
        cells += [Cell("findings", where, c, row[c], row[f"{c}:now"]) for c in values if row[c] != row[f"{c}:now"]]
        if row["ends"] != row["ends:now"]:
            cells.append(Cell("findings", where, "state", "只在一日", "有效期被改动"))
    return cells
