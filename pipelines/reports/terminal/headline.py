"""The headline figures of a published run, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa
from rich.table import Table

from pipelines.database.open import METADATA, at_one_moment, opened
from pipelines.errors import show_address
from pipelines.ingest.discover import tell_waiting
from pipelines.publish.frozen import only_restates
from pipelines.reports.added_up import read_sums, sums_of, with_rates_of, within
from pipelines.reports.beside import shown_table
from pipelines.reports.pages.formats import yuan
from pipelines.reports.terminal.text import PlainConsole
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.runs import Run, load_run
from schemas.declared import RULES, SHOWN
from schemas.ledgers.rejected_records import STATES
from schemas.reports import REPORTS, Column
from schemas.shown import Headline, levels_of

_WIDE = 120


def show(settings: Settings, run_id: str, jurisdictions: Sequence[str] = ()) -> None:
    """Print the headline figures of a published or held run, and where to look next.

    `jurisdictions` are prefixes that limit the figures. A held run shows the figures published before it.
    """
    console = PlainConsole()
    if not console.is_terminal:  # a file or a pipe has no width: cut no figure short
        console.width = _WIDE
    run = load_run(settings, run_id)
    with opened(run.database_url) as engine, at_one_moment(engine) as connection:
        for table in headline(connection, run_id, run.as_of, jurisdictions):
            if table.row_count:
                console.print(table)
        summary, waiting = _summary(connection, run_id), _waiting(connection, run)
    for line in (
        summary,
        *waiting,
        f"结果库：{_name(engine.url)}",
        "拒收行及原因：表 rejected_records；文件对账：source_files；检查：check_results；数据字典：vbp dictionary",
        *_pages(run),
    ):
        console.print(line, soft_wrap=True)


def _name(address: sa.URL) -> str:
    """A file by its path, as people can open it; a server by its address, without the password."""
    is_file = address.get_backend_name() == "sqlite"
    return address.database or "" if is_file else show_address(address)


def _pages(run: Run) -> Iterator[str]:
    """Where the pages of the run open from disk, those that were written."""
    site = run.home.below(keys.SITE)
    for title, page in (("晨报", f"morning/{run.run_id}/index.html"), ("报告网站", "index.html")):
        if site.has(page):
            yield f"{title}：{site.at(page)}"


def headline(connection: sa.Connection, run_id: str, as_of: date, jurisdictions: Sequence[str] = ()) -> list[Table]:
    """Tables (Chinese) of what a run read and of the figures that stand for `as_of`; `jurisdictions` are
    prefixes that limit the figures.
    """
    return [
        _rows_read(connection, run_id),
        *(
            _figures(connection, shown, as_of, jurisdictions)
            for indicator in SHOWN.values()
            for shown in indicator.headlines or ()
            if not jurisdictions or "jurisdiction" in levels_of(REPORTS[shown.table])
        ),
        _findings(connection, as_of, jurisdictions),
        _rejected(connection),
    ]


def _summary(connection: sa.Connection, run_id: str) -> str:
    t = METADATA.tables["runs"]
    run = connection.execute(sa.select(t).where(t.c.run_id == run_id)).one()
    counts = f"读取 {run.rows_read:,} 行，接收 {run.rows_accepted:,} 行，拒收 {run.rows_rejected:,} 行"
    status = REPORTS["runs"].column("status").values[run.status]
    frozen = "；该日已冻结，以上仍为冻结时的数字，本次只登记修订" if only_restates(connection, run_id) else ""
    return f"运行 {run_id}（{status}）：{counts}；结果摘要 {run.result_digest}{frozen}"


def _waiting(connection: sa.Connection, run: Run) -> list[str]:
    """The files that were not read yet, in one line; none where there are none."""
    t = METADATA.tables["source_files"]
    query = sa.select(t.c.path).where(t.c.run_id == run.run_id, t.c.status == "waiting").order_by(t.c.path)
    paths = list(connection.execute(query).scalars())
    return [f"注意：{tell_waiting(paths, run.settle_seconds)}"] if paths else []


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _fill(table: Table, rows: Iterable[Sequence[Any]]) -> Table:
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table


def _rows_read(connection: sa.Connection, run_id: str) -> Table:
    t = METADATA.tables["source_files"]
    counts = sums_of(t, ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate"))
    files = (
        sa.func.sum(sa.case((t.c.status == "accepted", 1), else_=0)),
        sa.func.sum(sa.case((t.c.status == "failed", 1), else_=0)),
    )
    query = sa.select(t.c.dataset, *files, *counts).where(t.c.run_id == run_id).group_by(t.c.dataset).order_by(t.c.dataset)
    rows = [tuple(int(c or 0) if i else c for i, c in enumerate(row)) for row in connection.execute(query)]
    total = ("合计", *(sum(r[i] for r in rows) for i in range(1, 7)))
    return _fill(_table("本次接收", "数据集", "文件", "整份拒收", "读取行", "接收", "拒收", "重复"), [*rows, total])


def _figures(connection: sa.Connection, shown: Headline, as_of: date, jurisdictions: Sequence[str]) -> Table:
    """Sums of the rows of a report table, and rates of the sums; a row for each value of `by`, or for each of the lines."""
    table = shown_table(shown.table)
    columns = [table.column(name) for name in dict.fromkeys(n for _, names in shown.lines for n in names)]
    added = dict.fromkeys(n for c in columns for n in (c.of.columns if c.of else (c.name,)))
    sums = read_sums(connection, shown.table, added, shown.by, as_of, where=shown.where, jurisdictions=jurisdictions)
    rows = with_rates_of(sums, table)
    if shown.by:
        order = {name: list(table.column(name).spoken) for name in shown.by}
        rows = rows.sort(pl.col(name).cast(pl.Enum(values), strict=False) for name, values in order.items())
    made = _table(shown.title_zh, *shown.headings)
    for row in rows.iter_rows(named=True):
        words = " · ".join(table.column(name).spoken.get(row[name], row[name]) for name in shown.by)
        for word, names in shown.lines:
            made.add_row(words or word, *(_write(table.column(name), row[name]) for name in names))
    if shown.counted:
        made.caption = _count(connection, shown, as_of, jurisdictions)
    return made


def _count(connection: sa.Connection, shown: Headline, as_of: date, jurisdictions: Sequence[str]) -> str:
    """How many rows of a report table have each value of a column, in words; those of the headline's institutions where it
    does not itself say of which division they are, or of those that the register of names places there.
    """
    name, _, column = shown.counted.partition(".")
    t, place = METADATA.tables[name], METADATA.tables[shown.table]
    if "jurisdiction_code" in t.c:
        inside = within(t.c.jurisdiction_code, jurisdictions)
    else:
        is_of_day = [place.c.as_of == as_of]
        if "jurisdiction_code" not in place.c:
            place, is_of_day = METADATA.tables["institution_names"], []
        own = sa.select(place.c.institution_code).where(*is_of_day, within(place.c.jurisdiction_code, jurisdictions))
        inside = t.c.institution_code.in_(own)
    query = sa.select(t.c[column], sa.func.count()).where(t.c.as_of == as_of, inside).group_by(t.c[column])
    counted = {str(value): int(number) for value, number in connection.execute(query)}
    words = REPORTS[name].column(column).spoken
    return "，".join(f"{word} {counted[value]}" for value, word in words.items() if value in counted)


def _write(column: Column, value: Any) -> str:
    if column.of:
        return "—" if value is None else f"{100 * value:.2f}%" if column.is_share else f"{value:,.2f}"
    return yuan(value or 0) if column.type == "fen" else f"{value or 0:,}"


def _findings(connection: sa.Connection, as_of: date, jurisdictions: Sequence[str]) -> Table:
    t = METADATA.tables["findings"]
    counts = [sa.func.sum(sa.case((t.c.state == state, 1), else_=0)) for state in ("open", "cured")]
    query = (
        sa.select(t.c.rule_code, *counts)
        .where(t.c.as_of == as_of, within(t.c.jurisdiction_code, jurisdictions))
        .group_by(t.c.rule_code)
    )
    rows = [
        (RULES[rule].title_zh if rule in RULES else rule, int(n or 0), int(c or 0))
        for rule, n, c in connection.execute(query.order_by(t.c.rule_code))
    ]
    return _fill(_table("问题清单", "问题", "待处理", "已消除"), rows)


def _rejected(connection: sa.Connection) -> Table:
    t = METADATA.tables["rejected_records"]
    query = sa.select(t.c.dataset, t.c.state, sa.func.count()).group_by(t.c.dataset, t.c.state)
    found: dict[str, dict[str, int]] = {}
    for dataset, state, number in connection.execute(query):
        found.setdefault(dataset, {})[state] = number
    rows = [(dataset, *(found[dataset].get(s, 0) for s in STATES)) for dataset in sorted(found)]
    return _fill(_table("拒收记录（累计）", "数据集", *STATES.values()), rows)
