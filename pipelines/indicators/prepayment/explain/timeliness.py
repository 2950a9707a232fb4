"""A prepayment led back to its commitments, its payments and the suppliers that wait (obligations §15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pipelines.engine.explained_rows import add_yuan, codes, distinct, word, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.prepayment.explain.world import LISTS, GroupKey, World, lines_of, open_world
from schemas.policies import PolicyRow

_TABLE = "prepayment_timeliness"


def _open(inputs: Inputs) -> Explain:
    world = open_world(inputs)
    return lambda key: _explain((key["institution_code"], key["lot_code"], date.fromisoformat(key["period_start"])), world)


def _explain(key: GroupKey, world: World) -> Explanation | None:
    if key not in world.rows:
        return None
    lines, left_out = lines_of(key, world)
    party = {"institution_code": codes(key[0]), "lot_code": codes(key[1])}
    return Explanation(
        steps=tuple(_steps(key, world)),
        policies=_policies(world.rows[key], world),
        lines=tuple(lines),
        left_out=tuple(left_out),
        notes=("应有余额是按采购进度推算的，不是经办机构实际扣回后的余额；同批次逾期货款不分采购周期。",),
        concerned=(("prepayments", party), ("commitments", party)),
    )


def _steps(key: GroupKey, world: World) -> Iterator[Step]:
    row, as_of = world.rows[key], world.inputs.as_of
    commitments, payables = world.of("commitments", key), world.of("payables", key)
    agreed, required, stands = row["agreed_fen"], row["required_fen"], max(row["prepaid_fen"], 0)
    terms = add_yuan(c["agreed_fen"] for c in commitments)
    yield Step("agreed_fen", "约定采购金额 = Σ 周期开始日的约定量 × 最低中选单价（或约定金额）", terms, agreed)
    rate = "没有预付比例规定" if required is None else f"{yuan(agreed)} × {_rate(row, world)} = {yuan(required)}"
    yield Step("required_fen", "应预付金额 = 约定采购金额 × 预付比例，四舍五入到分", rate, required)
    yield Step(
        "apply_due_on", "应申请日 = 签约日之后的第若干个工作日", _counted(row, "apply", "signed_on", world), row["apply_due_on"]
    )
    since = "申请日期 = 最早的申请，没有的取最早的拨付（正数的预付）"
    yield Step("applied_on", since, str(row["applied_on"] or "没有申请，也没有拨付"), row["applied_on"])
    yield Step(
        "pay_due_on", "应拨付日 = 申请日之后的第若干个工作日", _counted(row, "pay", "applied_on", world), row["pay_due_on"]
    )
    paid = [p["amount_fen"] for p in world.of("prepayments", key) if p["paid_on"] is not None]
    yield Step("prepaid_fen", "预付净额 = Σ 拨付 − Σ 收回", add_yuan(paid), row["prepaid_fen"])
    yield Step("paid_in_fen", "累计拨付最高额 = 预付净额历日的最高值，至少为 0", _stood(key, world, as_of), row["paid_in_fen"])
    until = min(row["pay_due_on"] or as_of, as_of)
    yield Step("on_time_fen", f"按时拨付金额 = 截至 {until} 的累计拨付最高额", _stood(key, world, until), row["on_time_fen"])
    bought = add_yuan(c["purchase_fen"] for c in commitments)
    yield Step("purchase_fen", "净采购金额 = Σ 净采购量 × 同一单价，至少为 0", bought, row["purchase_fen"])
    progress = row["bought_fen"] / agreed if agreed else 0.0
    share = f"min({yuan(row['purchase_fen'])}, {yuan(agreed)}) ÷ {yuan(agreed)}" if agreed else "没有约定金额，按 0"
    yield Step("progress", "采购进度 = min(净采购金额, 约定采购金额) ÷ 约定采购金额", share, progress)
    has_ended = row["period_end"] is not None and row["period_end"] < as_of
    earned = f"{yuan(stands)} × {row['bought_fen']} ÷ {max(agreed, 1)}（分）" if row["has_commitment"] else "没有约定，不冲抵"
    offset = f"采购周期已于 {row['period_end']} 结束，全部冲抵" if has_ended else earned
    yield Step("offset_fen", "应冲抵金额 = 预付净额 × 采购进度，到期后为全部", offset, row["offset_fen"])
    rest = f"{yuan(stands)} − {yuan(row['offset_fen'])}"
    yield Step("balance_fen", "应有余额 = 预付净额 − 应冲抵金额", rest, row["balance_fen"])
    unearned = f"{yuan(stands)} × (1 − {progress:.2%})" if has_ended else "采购周期没有结束，按 0"
    yield Step("unearned_fen", "未对应采购金额 = 到期后，预付净额 × (1 − 采购进度)", unearned, row["unearned_fen"])
    waiting = add_yuan(p["supplier_overdue_fen"] for p in payables)
    yield Step(
        "supplier_overdue_fen", "同批次逾期货款 = Σ 验收当日由该批次中选的产品逾期未付", waiting, row["supplier_overdue_fen"]
    )
    yield Step("status", "状态：依次取第一个符合的", word(_TABLE, "status", row["status"]), row["status"])


def _rate(row: Record, world: World) -> Any:
    return next(p.value for p in world.inputs.policies.rows if p.id == row["prepayment_rate_policy_id"])


def _counted(row: Record, name: str, since: str, world: World) -> str:
    found = next((p for p in world.inputs.policies.rows if p.id == row[f"prepayment_{name}_days_policy_id"]), None)
    return f"{row[since]} 之后第 {found.value} 个工作日" if found and row[since] else "没有起算日或规定"


def _stood(key: GroupKey, world: World, until: date) -> str:
    """The balance of payments at the end of each day on which something was paid."""
    paid = [(p["paid_on"], p["amount_fen"]) for p in world.of("prepayments", key) if p["paid_on"] is not None]
    days = sorted({day for day, _ in paid if day <= until})
    return "；".join(f"{day} {yuan(sum(fen for on, fen in paid if on <= day))}" for day in days) or "没有拨付"


def _policies(row: Record, world: World) -> tuple[PolicyRow, ...]:
    policies, place, start = world.inputs.policies, row["jurisdiction_code"], row["period_start"]
    asked = [policies.resolve(f"prepayment_{name}", place, start) for name in ("programs", "ownerships")]
    named = [row[f"prepayment_{name}_policy_id"] for name in ("rate", "apply_days", "pay_days", "settle_days")]
    return distinct([*(p for id_ in named for p in policies.rows if p.id == id_), *asked])


EXPLAINED = Explained(table=_TABLE, indicator="prepayment", open=_open, lists=LISTS)
