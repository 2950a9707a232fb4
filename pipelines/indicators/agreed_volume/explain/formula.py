"""The formula of a completion figure with its numbers put in (rulebook §4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pipelines.engine.explained_rows import NO_DENOMINATOR, add_terms, plain, ratio, units
from pipelines.engine.explanation import Record, Step
from pipelines.engine.figures import UNIT
from schemas.policies import PolicyRow


def steps_of(
    record: Record,
    agrees: Sequence[int],
    receives: Sequence[int],
    returns: Sequence[int],
    approves: Sequence[int],
    policy: PolicyRow,
    as_of: date,
) -> tuple[Step, ...]:
    """Every number of the row from what its lines add up to.

    In: the commitment with its end as adjusted; what was agreed, received, returned and excused by line, in minimum units
    (10⁻¹²); the policy row of the threshold.
    """
    agreed, received, returned, approved = map(sum, (agrees, receives, returns, approves))
    net = received - returned
    shortfall = max(0, agreed - net)
    excused = min(shortfall, approved)
    start, end = record["period_start"], record["period_end"]
    whole = (end - start).days + 1
    passed = max(0, (min(as_of, end) - start).days + 1)
    live, left = agreed > 0, (end - as_of).days
    n, a, x = (plain(q, UNIT) for q in (net, agreed, excused))
    capped = min(net, agreed)
    is_running = start <= as_of and left > 0
    status, why = _status(net, agreed, excused, passed, whole, start, end, policy, as_of)

    def rate(column: str, formula: str, numbers: str, above: int, below: int) -> Step:
        if not live:
            return Step(column, formula, "约定采购量不大于 0（已取消），不计算比率", None)
        return Step(column, formula, numbers if below else f"{numbers}：{NO_DENOMINATOR}", ratio(above, below))

    return (
        Step(
            "period_end",
            "周期结束 = 截止日前生效、填有调整后周期结束的最后一份调整所填之日（不早于周期开始），没有则为协议的周期结束",
            str(end),
            end,
        ),
        Step("agreed_quantity", "约定采购量 = 协议约定量 + 截止日前生效的调整", _add(agrees), agreed / UNIT),
        Step("received_quantity", "验收数量 = Σ 计入的收货（盒 × 每盒最小单位 × 折算系数）", _add(receives), received / UNIT),
        Step("returned_quantity", "退货数量 = Σ 这些收货的已确认退货", _add(returns), returned / UNIT),
        Step(
            "net_quantity",
            "净采购量 = 验收数量 − 退货数量",
            f"{plain(received, UNIT)} − {plain(returned, UNIT)} = {n}",
            net / UNIT,
        ),
        Step(
            "excused_quantity",
            "有正当理由数量 = min(缺口, Σ 有效备案数量)，缺口 = max(0, 约定采购量 − 净采购量)",
            f"min({plain(shortfall, UNIT)}, {_add(approves)})",
            excused / UNIT,
        ),
        rate("strict_rate", "完成率 = 净采购量 ÷ 约定采购量", f"{n} ÷ {a}", net, agreed),
        rate(
            "capped_rate", "封顶完成率 = min(净采购量, 约定采购量) ÷ 约定采购量", f"{plain(capped, UNIT)} ÷ {a}", capped, agreed
        ),
        rate(
            "excused_rate",
            "剔除正当理由完成率 = 净采购量 ÷ (约定采购量 − 有正当理由数量)",
            f"{n} ÷ ({a} − {x})",
            net,
            agreed - excused,
        ),
        Step("time_progress", "序时进度 = 已过天数 ÷ 周期天数（首尾都计）", f"{passed} ÷ {whole}", ratio(passed, whole)),
        rate(
            "gap",
            "进度差 = 完成率 − 序时进度",
            f"{n} ÷ {a} − {passed} ÷ {whole}",
            net * whole - agreed * passed,
            agreed * whole,
        ),
        Step(
            "needed_per_day",
            "日均需采购量 = 缺口 ÷ 剩余天数（仅周期内，最后一天除外）",
            f"{plain(shortfall, UNIT)} ÷ {left}" if is_running else "不在采购周期内或已是最后一天，不计算",
            shortfall / (left * UNIT) if is_running else None,
        ),
        Step("status", "状态：依次判断，取第一个成立的", why, status),
        Step("policy_id", "判断状态所用的政策条目", f"{policy.parameter} = {policy.value}", policy.id),
    )


def _add(terms: Sequence[int]) -> str:
    """A sum with its terms, in minimum units; one term is the sum."""
    shown = add_terms([plain(t, UNIT) for t in terms])
    return shown if len(terms) < 2 else f"{shown} = {plain(sum(terms), UNIT)}"


def _status(
    net: int, agreed: int, excused: int, passed: int, whole: int, start: date, end: date, policy: PolicyRow, as_of: date
) -> tuple[str, str]:
    """The first that applies, and why."""
    limit = units_of_ratio(policy)
    done, due = net * whole, agreed * passed
    n, a, x = (plain(q, UNIT) for q in (net, agreed, excused))
    if agreed <= 0:
        return "cancelled", f"约定采购量 {a} 不大于 0"
    if start > as_of:
        return "not_started", f"周期自 {start} 开始，截止日 {as_of} 尚未开始"
    if net >= agreed:
        return "completed", f"净采购量 {n} 不少于约定采购量 {a}"
    short = f"净采购量 {n} 少于约定采购量 {a}"
    if end < as_of:
        base = agreed - excused
        if excused > 0 and (base == 0 or Fraction(net, base) >= 1):
            return "excused", f"周期已于 {end} 结束，{short}，剔除有正当理由的 {x} 后已完成"
        return "failed", f"周期已于 {end} 结束，{short}"
    rates = f"完成率 {net / agreed:.2%}，序时进度 {passed / whole:.2%}"
    if done >= due:
        return "on_track", f"{short}；{rates}：不低于序时进度"
    if done * 10**6 < limit * due:
        return "seriously_behind", f"{short}；{rates}：低于序时进度的 {policy.value} 倍"
    return "behind", f"{short}；{rates}：低于序时进度，但不低于其 {policy.value} 倍"


def units_of_ratio(policy: PolicyRow) -> int:
    """The threshold as an integer of 10⁻⁶."""
    return units(Decimal(str(policy.value)) * 100)
