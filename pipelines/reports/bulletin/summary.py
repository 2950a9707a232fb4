"""The headline figures of a bulletin: by division and altogether, strict beside excused, every rate with its sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.reports.bulletin import sums
from pipelines.reports.bulletin.listing import SUM, Cell, Head, Kind, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.bulletin.sums import ALL, Sums
from pipelines.views.divisions import name_whole
from schemas.reports import REPORTS

_PLACE = (Head("统筹区编码", "division", "text"), Head("统筹区名称", "division name", "text"))
_INSTITUTION = (Head("医疗机构编码", "institution", "text"), Head("医疗机构名称", "institution name", "text"))
_LOT = (Head("采购批次编码", "lot", "text"), Head("采购批次名称", "lot name", "text"))
_GROUP = (Head("周期阶段", "phase", "text"), Head("采购义务", "duty", "text"))
_DIGITS = 6
_ENDED = ("completed", "excused", "failed")


def summarize(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The listings of the summary, each ending with the sum over all divisions of the bulletin."""
    by = _Level("jurisdiction", _PLACE, _read_names(connection, "division_names"), "")
    return [
        *_list_level(connection, subject, by),
        _statuses(sums.count_statuses(connection, subject), by),
        _findings(sums.sum_findings(connection, subject), by),
    ]


def compare_institutions(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """Agreed volumes, payment and two-invoice compliance of every institution, each ending with their sum."""
    names = _read_names(connection, "institution_names")
    return _list_level(connection, subject, _Level("institution", _INSTITUTION, names, "（按医疗机构）"))


class _Level(NamedTuple):
    """What the rows of a listing are told apart by: divisions or institutions, and what they are called."""

    level: sums.Level
    heads: tuple[Head, ...]
    names: Mapping[str, str]
    suffix: str

    def place(self, code: str) -> list[Cell]:
        return _place(code, self.names)

    def listing(self, name: str, zh: str, en: str, *more: Any) -> Listing:
        by = "" if self.level == "jurisdiction" else ", by institution"
        prefix = "summary" if self.level == "jurisdiction" else "institutions"
        return list_rows(f"{prefix}_{name}", zh + self.suffix, en + by, *more)


def _list_level(connection: sa.Connection, subject: Subject, by: _Level) -> list[Listing]:
    payments = sums.sum_payments(connection, subject, by.level)
    return [
        _volume(sums.sum_volume(connection, subject, by.level), sums.sum_expected(connection, subject), by),
        _payments(payments, by),
        _ageing(payments, by),
        _invoices(sums.sum_invoices(connection, subject, by.level), by),
    ]


def measure_progress(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """Execution against time progress of running commitments of public institutions: by division, and by lot where
    the bulletin has all divisions.
    """
    expected = sums.sum_expected(connection, subject)
    by_place, by_lot = sums.sum_volume(connection, subject), sums.sum_lots(connection, subject)
    heads = (
        Head("执行率", "executed", "rate"), Head("封顶完成率", "executed, capped", "rate"),
        Head("序时进度", "time progress", "rate"),
        Head("净采购金额（元）", "bought, yuan", "yuan"), Head("封顶采购金额（元）", "bought, capped, yuan", "yuan"),
        Head("按序时应达金额（元）", "expected by now, yuan", "yuan"), Head("约定金额（元）", "agreed, yuan", "yuan"),
    )  # fmt: skip
    note = (
        "执行中协议、公立医疗机构。执行率 = Σ净采购金额 ÷ Σ约定金额；"
        "序时进度 = Σ（约定金额 × 该协议序时进度）÷ Σ约定金额，两者权重相同。",
        "Running agreements of public institutions. Executed = Σ bought ÷ Σ agreed; time progress = Σ (agreed × time progress "
        "of the agreement) ÷ Σ agreed: both have the same weights.",
    )
    found = []
    for level, values, names, titles in (
        ("jurisdiction", by_place, _read_names(connection, "division_names"), _PLACE),
        ("lot", by_lot, _read_names(connection, "lot_names"), _LOT),
    ):  # fmt: skip
        rows = [
            [*_place(key[0], names), *_progress(v, expected.get((level, key), {"expected_fen": 0}))]
            for key, v in values.items()
            if key[1:] == ("running", "mandatory") and not (level == "lot" and key[0] == ALL)
        ]
        zh = {"jurisdiction": "按统筹区", "lot": "按采购批次"}[level]
        title = (
            f"执行率与序时进度（{zh}）",
            f"Executed against time progress, by {'division' if level == 'jurisdiction' else level}",
        )
        found.append(list_rows(f"progress_{level}", *title, (*titles, *heads), rows, note))
    return found


def _progress(v: Sums, expected: Sums) -> list[Cell]:
    above = (v["net_fen"], v["capped_fen"], expected["expected_fen"])
    return [*(_rate(fen, v["agreed_fen"]) for fen in above), *map(_yuan, (*above, v["agreed_fen"]))]


def _volume(
    found: Mapping[sums.Key, Sums], expected: Mapping[tuple[str, sums.Key], Sums], by: _Level
) -> Listing:
    heads = (
        *by.heads, *_GROUP,
        *_heads(count={"commitments": "协议数", "completed": "已完成"}),
        Head("完成占比", "completed share", "rate"),
        *_heads(yuan={"agreed_fen": "约定金额（元）", "net_fen": "净采购金额（元）", "capped_fen": "封顶采购金额（元）"}),
        Head("执行率", "executed", "rate"), Head("序时进度", "time progress", "rate"),
        Head("封顶完成率", "executed, capped", "rate"),
    )  # fmt: skip
    phases, duties = (REPORTS["agreed_volume_rollup"].column(name).spoken for name in ("phase", "duty"))
    rows = [
        [
            *by.place(code), phases[phase], duties[duty], v["commitments"], v["completed"],
            _rate(v["completed"], v["commitments"]), *(_yuan(v[n]) for n in ("agreed_fen", "net_fen", "capped_fen")),
            _rate(v["net_fen"], v["agreed_fen"]), _rate(_expected(expected, by, key), v["agreed_fen"]),
            _rate(v["capped_fen"], v["agreed_fen"]),
        ]
        for key, v in found.items() for code, phase, duty in [key]
    ]  # fmt: skip
    note = (
        "执行率 = Σ净采购金额 ÷ Σ约定金额；序时进度同按约定金额加权；"
        "封顶完成率把每份协议的采购量封顶于约定量，某品种超额完成不掩盖另一品种的不足。",
        "Executed = Σ bought ÷ Σ agreed, time progress weighed alike; capped: no agreement counts for more than was agreed.",
    )
    return by.listing("volume", "约定采购量完成", "Agreed volumes", heads, rows, note)


def _expected(expected: Mapping[tuple[str, sums.Key], Sums], by: _Level, key: sums.Key) -> int:
    return expected.get((by.level, key), {"expected_fen": 0})["expected_fen"]


def _statuses(found: Mapping[sums.Key, Sums], by: _Level) -> Listing:
    words = REPORTS["agreed_volume_completion"].column("status").spoken
    by_place: dict[str, dict[str, int]] = {}
    for (code, status), v in found.items():
        by_place.setdefault(code, dict.fromkeys(words, 0))[status] = v["commitments"]
    rows = []
    for code, counts in by_place.items():
        ended = sum(counts[s] for s in _ENDED)
        rates = (_rate(counts["completed"], ended), _rate(counts["completed"] + counts["excused"], ended))
        rows.append([*by.place(code), *counts.values(), *rates])
    heads = (
        *by.heads, *(Head(word, status.replace("_", " "), "count") for status, word in words.items()),
        Head("到期完成率（严格）", "completed of ended, strict", "rate"),
        Head("到期完成率（含正当理由）", "completed or excused of ended", "rate"),
    )  # fmt: skip
    note = (
        "到期完成率（严格）= 已完成 ÷（已完成 + 有正当理由 + 未完成），含提前完成的；含正当理由者分子加上有正当理由的协议。",
        "Strict = completed ÷ (completed + excused + failed), early ones included; the other adds the excused ones above.",
    )
    return by.listing("statuses", "协议状态（条）", "Commitments by status", heads, rows, note)


def _payments(found: Mapping[sums.Key, Sums], by: _Level) -> Listing:
    parts = ("matured_fen", "on_time_fen", "late_paid_fen", "overdue_fen", "excused_fen")
    heads = (
        *by.heads, *_heads(yuan=_titles("payment_timeliness", parts)),
        Head("及时率（金额）", "on time, by amount", "rate"),
        Head("及时率（金额，剔除正当理由）", "on time, excused left out", "rate"),
        *_heads(count=_titles("payment_timeliness", ("matured_count", "on_time_count"))),
        Head("及时率（笔数）", "on time, by count", "rate"),
    )  # fmt: skip
    rows = [
        [
            *by.place(code), *(_yuan(v[name]) for name in parts), _rate(v["on_time_fen"], v["matured_fen"]),
            _rate(v["on_time_fen"], v["matured_fen"] - v["excused_fen"]), v["matured_count"], v["on_time_count"],
            _rate(v["on_time_count"], v["matured_count"]),
        ]
        for (code,), v in found.items()
    ]  # fmt: skip
    note = (
        "按适用到期规则，含全部医疗机构（公立、民营与零售）。"
        "及时率 = Σ按时支付 ÷ Σ已到期；剔除正当理由者，分母减去有正当理由金额。",
        "By the applicable due rule, all institutions (public, private, retail). "
        "On time = Σ paid on time ÷ Σ matured; the excused amount taken off below in the other.",
    )
    return by.listing("payment", "货款支付及时", "Payment timeliness", heads, rows, note)


def _ageing(found: Mapping[sums.Key, Sums], by: _Level) -> Listing:
    heads = (*by.heads, *_heads(yuan=_titles("payment_timeliness", (*sums.AGEING, "overdue_fen"))))
    rows = [
        [*by.place(code), *(_yuan(v[name]) for name in (*sums.AGEING, "overdue_fen"))]
        for (code,), v in found.items()
    ]
    note = (
        "按适用到期规则，含全部医疗机构（公立、民营与零售）。账龄自顺延后的到期日起算，各段之和等于逾期未付。",
        "By the applicable due rule, all institutions. "
        "Ageing runs from the rolled due date; its bands add up to what is overdue.",
    )
    return by.listing("ageing", "逾期未付账龄", "Overdue by age", heads, rows, note)


def _invoices(found: Mapping[sums.Key, Sums], by: _Level) -> Listing:
    fen, counts = (
        _titles("two_invoice_compliance", [name for name in sums.INVOICE if name.endswith(unit)])
        for unit in ("_fen", "_count")
    )
    rates = tuple(
        Head(f"{zh}（{unit}）", f"{en}, by {by}", "rate")
        for unit, by in (("金额", "amount"), ("行数", "lines")) for zh, en in (("合规率", "compliant"), ("核实率", "verified"))
    )  # fmt: skip
    heads = (*by.heads, *_heads(yuan=fen), *rates[:2], *_heads(count=counts), *rates[2:])
    rows = [
        [*by.place(code), *(_yuan(v[n]) for n in fen), *_judged(v, "fen"), *(v[n] for n in counts), *_judged(v, "count")]
        for (code,), v in found.items()
    ]  # fmt: skip
    note = (
        "只计公立医疗机构购药。"
        "合规率 = 合规 ÷（合规 + 违规）；核实率 =（合规 + 违规）÷ 纳入范围。无法核实不算合规；豁免另计，不在范围内。",
        "Purchases of public institutions. "
        "Compliant = compliant ÷ (compliant + violation); verified = both ÷ in scope. What cannot be verified is not compliant.",
    )
    return by.listing("invoice", "两票制执行", "Two-invoice compliance", heads, rows, note)


def _judged(v: Sums, unit: str) -> list[Cell]:
    judged = v[f"compliant_{unit}"] + v[f"violation_{unit}"]
    return [_rate(v[f"compliant_{unit}"], judged), _rate(judged, v[f"scope_{unit}"])]


def _findings(found: Mapping[sums.Key, Sums], by: _Level) -> Listing:
    words = REPORTS["findings"].column("rule_code").spoken
    heads = (
        *by.heads, Head("问题", "finding", "text"),
        *_heads(count={"open": "待处理", "excused": "其中有备案理由", "cured": "已消除"}),
        Head("涉及金额（元）", "amount at stake, yuan", "yuan"),
    )  # fmt: skip
    rows = [
        [*by.place(code), words.get(rule, rule), v["open"], v["excused"], v["cured"], _yuan(v["amount_fen"])]
        for (code, rule), v in found.items()
    ]
    note = (
        "问题是待核实的信号，不是结论；每条附条款、算法与整改期限。",
        "Findings are signals to be looked into, no verdicts; each names its clause, calculation and deadline.",
    )
    return by.listing("findings", "问题清单（条）", "Findings", heads, rows, note)


def _heads(
    *, yuan: Mapping[str, str] | None = None, count: Mapping[str, str] | None = None
) -> tuple[Head, ...]:
    kinds: Sequence[tuple[Kind, Mapping[str, str]]] = (("yuan", yuan or {}), ("count", count or {}))
    return tuple(
        Head(zh, name.removesuffix("_fen").replace("_", " "), kind)
        for kind, titles in kinds
        for name, zh in titles.items()
    )


def _titles(table: str, names: Sequence[str]) -> dict[str, str]:
    """Chinese titles of columns of a report table; money says that it is in yuan."""
    columns = (REPORTS[table].column(name) for name in names)
    return {c.name: f"{c.title_zh}（元）" if c.type == "fen" else c.title_zh for c in columns}


def _place(code: str, names: Mapping[str, str]) -> list[Cell]:
    if code == ALL:
        return ["", SUM]
    return [code, names[code] if code in names else name_whole(code, names) if len(code) < _DIGITS else code]


def _rate(above: int, below: int) -> float | None:
    return above / below if below else None


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _read_names(connection: sa.Connection, table: str) -> dict[str, str]:
    code, name = list(METADATA.tables[table].columns)[:2]
    return {str(row[0]): str(row[1]) for row in connection.execute(sa.select(code, name))}
