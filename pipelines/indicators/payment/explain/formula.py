"""The formulas of a row of payment timeliness with its numbers put in (rulebook §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.engine.explained_rows import NO_DENOMINATOR, add_terms, add_yuan, ratio, yuan
from pipelines.engine.explanation import Step

_BANDS = (("0_30", 0, 30), ("31_60", 31, 60), ("61_90", 61, 90), ("91_180", 91, 180), ("over_180", 181, None))


@dataclass(frozen=True)
class Due:
    """A payable under the rule of the row: amounts in fen; `pieces` are (paid on, fen)."""

    delivery_id: str
    accepted_on: date
    due_on: date
    fen: int
    pieces: tuple[tuple[date, int], ...]
    is_excused: bool

    @property
    def paid(self) -> int:
        """All that was paid towards it."""
        return sum(fen for _, fen in self.pieces)

    @property
    def on_time(self) -> int:
        """What was paid on or before the due date."""
        return sum(fen for day, fen in self.pieces if day <= self.due_on)


def steps_of(dues: Sequence[Due], as_of: date) -> tuple[Step, ...]:
    """Every number of the row from its payables and the payments that met them."""
    matured = [d for d in dues if d.due_on <= as_of]
    waits = [d for d in dues if d.due_on > as_of]
    on_time, late = [d.on_time for d in matured], [d.paid - d.on_time for d in matured]
    overdue = [(d, d.fen - d.paid) for d in matured]
    lack = [d.fen - d.on_time for d in matured if d.is_excused]
    full = sum(d.on_time == d.fen for d in matured)
    pieces = [(fen, (day - d.accepted_on).days) for d in sorted(dues, key=lambda d: d.due_on) for day, fen in d.pieces]
    paid, paid_days = sum(f for f, _ in pieces), sum(f * max(0, n) for f, n in pieces)
    owed = sum(d.fen for d in matured)
    steps = [
        _add("matured_fen", f"到期应付 = Σ 到期日不晚于 {as_of} 的应付", [d.fen for d in matured]),
        _add("on_time_fen", "按时支付 = Σ 到期日当日及以前支付", on_time),
        _add("late_paid_fen", "逾期支付 = Σ 到期日以后支付", late),
        _add("overdue_fen", "逾期未付 = Σ 到期应付中未支付的部分", [f for _, f in overdue]),
        _add("not_due_fen", "未到期应付 = Σ 到期日在统计截止日以后的应付", [d.fen for d in waits]),
        Step("matured_count", "到期笔数", f"{len(matured)} 笔", len(matured)),
        Step("on_time_count", "按时付清笔数 = 到期日前全额付清的笔数", f"{full} 笔", full),
        _divide("on_time_rate_amount", "及时率（金额）= 按时支付 ÷ 到期应付", sum(on_time), owed),
        _divide("on_time_rate_count", "及时率（笔数）= 按时付清笔数 ÷ 到期笔数", full, len(matured), count=True),
        _add("excused_fen", "有正当理由金额 = Σ 已备案的到期应付中没有按时支付的部分", lack),
        _divide(
            "on_time_rate_amount_excused",
            "剔除正当理由及时率 = 按时支付 ÷ (到期应付 − 有正当理由金额)",
            sum(on_time),
            owed - sum(lack),
        ),
        _add("paid_fen", "已支付 = Σ 对本行应付的全部支付（含未到期）", [f for f, _ in pieces]),
        Step(
            "paid_fen_days",
            "支付金额天数 = Σ 支付金额 × max(0, 支付日 − 验收日)",
            f"{add_terms([f'{yuan(f)} × {max(0, n)}' for f, n in pieces])} = {yuan(paid_days)} 元·天",
            paid_days,
        ),
        Step(
            "weighted_days",
            "加权付款天数 = 支付金额天数 ÷ 已支付",
            f"{yuan(paid_days)} ÷ {yuan(paid)}" if paid else NO_DENOMINATOR,
            ratio(paid_days, paid),
        ),
        _add("paid_within_30_fen", "验收后 30 日内支付", [f for f, n in pieces if n <= 30]),
        _add("paid_31_60_fen", "验收后 31 至 60 日支付", [f for f, n in pieces if 31 <= n <= 60]),
        _add("paid_over_60_fen", "验收 60 日以后支付", [f for f, n in pieces if n > 60]),
    ]
    for band, first, last in _BANDS:
        ages = [f for d, f in overdue if first <= (as_of - d.due_on).days <= (last or 10**6)]
        words = f"逾期 {first} 至 {last} 天未付" if last else "逾期 180 天以上未付"
        steps.append(_add(f"overdue_{band}_fen", words, ages))
    return tuple(steps)


def _add(column: str, formula: str, terms: Sequence[int]) -> Step:
    return Step(column, formula, add_yuan(terms), sum(terms))


def _divide(column: str, formula: str, above: int, below: int, *, count: bool = False) -> Step:
    numbers = f"{above} ÷ {below}" if count else f"{yuan(above)} ÷ {yuan(below)}"
    return Step(column, formula, numbers if below else f"{numbers}：{NO_DENOMINATOR}", ratio(above, below))
