"""The headline figures of a published run, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa
from rich.table import Table

from pipelines.database.open import METADATA, at_one_moment, open_database
from pipelines.errors import show_address
from pipelines.indicators.agreed_volume.declaration import PHASES, STATUSES
from pipelines.indicators.payment.declaration import DUE_RULES
from pipelines.indicators.two_invoice.declaration import CLASSES
from pipelines.publish.frozen import only_restates
from pipelines.reports.terminal.text import PlainConsole
from pipelines.reports.time_progress import read_expected
from pipelines.settings import Settings
from pipelines.store.runs import Run, load_run
from schemas.ledgers.rejected_records import STATES
from schemas.reports import REPORTS
from schemas.reports.findings import RULES
from schemas.spellings import DUTIES

_WIDE = 120


def show(settings: Settings, run_id: str, jurisdictions: Sequence[str] = ()) -> None:
    """Print the headline figures of a published or held run, and where to look next.

    `jurisdictions` are prefixes that limit the figures. A held run shows the figures published before it.
    """
    console = PlainConsole()
    if not console.is_terminal:  # a file or a pipe has no width: cut no figure short
        console.width = _WIDE
    run = load_run(settings, run_id)
    engine = open_database(run.database_url)
    with at_one_moment(engine) as connection:
        for table in headline(connection, run_id, run.as_of, jurisdictions):
            if table.row_count:
                console.print(table)
        summary = _summary(connection, run_id)
    engine.dispose()
    for line in (
        summary,
        f"结果库：{_name(engine.url)}",
        "拒收行及原因：表 rejected_records；文件对账：source_files；检查：check_results；"
        "数据字典：vbp dictionary",
        *_pages(run),
    ):
        console.print(line, soft_wrap=True)


def _name(address: sa.URL) -> str:
    """A file by its path, as people can open it; a server by its address, without the password."""
    is_file = address.get_backend_name() == "sqlite"
    return address.database or "" if is_file else show_address(address)


def _pages(run: Run) -> Iterator[str]:
    """Where the pages of the run open from disk, those that were written."""
    site = run.home / "site"
    for title, page in (("晨报", site / "morning" / run.run_id), ("报告网站", site)):
        if (page / "index.html").exists():
            yield f"{title}：{page / 'index.html'}"


def headline(
    connection: sa.Connection, run_id: str, as_of: date, jurisdictions: Sequence[str] = ()
) -> list[Table]:
    """Tables (Chinese) of what a run read and of the figures that stand for `as_of`; `jurisdictions` are
    prefixes that limit the figures.
    """
    return [
        _rows_read(connection, run_id),
        _volume(connection, as_of, jurisdictions),
        _payment(connection, as_of, jurisdictions),
        _two_invoice(connection, as_of, jurisdictions),
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


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table


def _fill(table: Table, rows: Iterable[Sequence[Any]]) -> Table:
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row))
    return table


def _percent(above: int | float | None, below: int | float | None) -> str:
    return f"{100 * above / below:.2f}%" if above is not None and below else "—"


def _yuan(fen: int | None) -> str:
    return f"{(fen or 0) / 100:,.2f}"


def _within(column: sa.Column[Any], jurisdictions: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.or_(*(column.startswith(j) for j in jurisdictions)) if jurisdictions else sa.true()


def _sums(table: sa.Table, *names: str) -> list[sa.ColumnElement[Any]]:
    return [sa.cast(sa.func.sum(table.c[n]), sa.BigInteger).label(n) for n in names]


def _rows_read(connection: sa.Connection, run_id: str) -> Table:
    t = METADATA.tables["source_files"]
    counts = _sums(t, "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    files = (
        sa.func.sum(sa.case((t.c.status == "accepted", 1), else_=0)),
        sa.func.sum(sa.case((t.c.status == "failed", 1), else_=0)),
    )
    query = (
        sa.select(t.c.dataset, *files, *counts)
        .where(t.c.run_id == run_id)
        .group_by(t.c.dataset)
        .order_by(t.c.dataset)
    )
    rows = [tuple(int(c or 0) if i else c for i, c in enumerate(row)) for row in connection.execute(query)]
    total = ("合计", *(sum(r[i] for r in rows) for i in range(1, 7)))
    return _fill(
        _table("本次接收", "数据集", "文件", "整份拒收", "读取行", "接收", "拒收", "重复"), [*rows, total]
    )


def _volume(connection: sa.Connection, as_of: date, jurisdictions: Sequence[str]) -> Table:
    t = METADATA.tables["agreed_volume_rollup"]
    level = "jurisdiction" if jurisdictions else "all"
    sums = _sums(t, "commitments", "completed", "agreed_fen", "net_fen", "capped_fen")
    query = (
        sa.select(t.c.phase, t.c.duty, *sums)
        .where(t.c.as_of == as_of, t.c.level == level, _within(t.c.code, jurisdictions))
        .group_by(t.c.phase, t.c.duty).order_by(t.c.phase.desc(), t.c.duty)
    )  # fmt: skip
    expected: dict[tuple[str, str], int] = {}
    for row in read_expected(connection, as_of).filter(pl.col("level") == level).iter_rows():
        if row[0] == "all" or not jurisdictions or row[1].startswith(tuple(jurisdictions)):
            expected[row[2], row[3]] = expected.get((row[2], row[3]), 0) + (row[4] or 0)
    rows = [
        (
            f"{PHASES[p]} · {DUTIES[d]}",
            int(n),
            int(c),
            _percent(c, n),
            _percent(net, agreed),
            _percent(expected.get((p, d)), agreed),
            _percent(capped, agreed),
        )
        for p, d, n, c, agreed, net, capped in connection.execute(query)
    ]
    s = METADATA.tables["agreed_volume_completion"]
    states = connection.execute(
        sa.select(s.c.status, sa.func.count())
        .where(s.c.as_of == as_of, _within(s.c.jurisdiction_code, jurisdictions))
        .group_by(s.c.status)
    ).all()
    caption = "，".join(
        f"{STATUSES[k]} {n}" for k, n in sorted(states, key=lambda r: list(STATUSES).index(r[0]))
    )
    table = _table(
        "约定采购量完成（金额口径）",
        "范围",
        "协议数",
        "已完成",
        "完成占比",
        "执行率 Σ净/Σ约定",
        "序时进度",
        "封顶完成率",
    )
    table.caption = caption
    return _fill(table, rows)


def _payment(connection: sa.Connection, as_of: date, jurisdictions: Sequence[str]) -> Table:
    t = METADATA.tables["payment_timeliness"]
    sums = _sums(
        t, "matured_fen", "on_time_fen", "late_paid_fen", "overdue_fen", "matured_count", "on_time_count"
    )
    query = (
        sa.select(t.c.due_rule, *sums)
        .where(t.c.as_of == as_of, _within(t.c.jurisdiction_code, jurisdictions))
        .group_by(t.c.due_rule)
    )
    found = {row[0]: row[1:] for row in connection.execute(query)}
    rows = [
        (name, _yuan(m), _yuan(on), _yuan(late), _yuan(over), _percent(on, m), _percent(k, n))
        for rule, name in DUE_RULES.items()
        if rule in found
        for m, on, late, over, n, k in [found[rule]]
    ]
    return _fill(
        _table(
            "货款支付及时（元，含民营与零售）",
            "到期规则",
            "到期应付",
            "按时支付",
            "逾期支付",
            "逾期未付",
            "及时率（金额）",
            "及时率（笔数）",
        ),
        rows,
    )


def _two_invoice(connection: sa.Connection, as_of: date, jurisdictions: Sequence[str]) -> Table:
    t = METADATA.tables["two_invoice_compliance"]
    names = [
        f"{c}_{u}"
        for u in ("fen", "count")
        for c in ("scope", "compliant", "violation", "unverifiable", "exempt")
    ]
    query = sa.select(*_sums(t, *names)).where(
        t.c.as_of == as_of, _within(t.c.jurisdiction_code, jurisdictions)
    )
    v = dict(zip(names, connection.execute(query).one(), strict=True))
    rows = []
    for unit, name in (("fen", "金额（元）"), ("count", "行数")):
        judged = (v[f"compliant_{unit}"] or 0) + (v[f"violation_{unit}"] or 0)
        show = _yuan if unit == "fen" else lambda n: f"{n or 0:,}"
        cells = [
            show(v[f"{c}_{unit}"]) for c in ("scope", "compliant", "violation", "unverifiable", "exempt")
        ]
        rows.append(
            (name, *cells, _percent(v[f"compliant_{unit}"], judged), _percent(judged, v[f"scope_{unit}"]))
        )
    line, place = METADATA.tables["two_invoice_line"], METADATA.tables["two_invoice_compliance"]
    own = sa.select(place.c.institution_code).where(
        place.c.as_of == as_of, _within(place.c.jurisdiction_code, jurisdictions)
    )
    counted = connection.execute(
        sa.select(line.c.verdict, sa.func.count())
        .where(line.c.as_of == as_of, line.c.institution_code.in_(own))
        .group_by(line.c.verdict)
    )
    verdicts = {str(verdict): int(number) for verdict, number in counted}
    words = REPORTS["two_invoice_line"].column("verdict").values
    table = _table("两票制", "口径", "纳入范围", *CLASSES.values(), "合规率", "核实率")
    table.caption = "，".join(f"{words[k]} {verdicts[k]}" for k in words if k in verdicts)
    return _fill(table, rows)


def _findings(connection: sa.Connection, as_of: date, jurisdictions: Sequence[str]) -> Table:
    t = METADATA.tables["findings"]
    counts = [sa.func.sum(sa.case((t.c.state == state, 1), else_=0)) for state in ("open", "cured")]
    query = (
        sa.select(t.c.rule_code, *counts)
        .where(t.c.as_of == as_of, _within(t.c.jurisdiction_code, jurisdictions))
        .group_by(t.c.rule_code)
    )
    rows = [
        (RULES.get(rule, rule), int(n or 0), int(c or 0))
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
