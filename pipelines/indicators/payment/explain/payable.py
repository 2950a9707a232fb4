"""A payable and what met it, led back to its receipt, returns, payments and excuses (rulebook §5)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

from pipelines.engine.explained_rows import after_as_of, codes, distinct, excuse_facts, line_of, plain, units, word, yuan
from pipelines.engine.explanation import Explanation, Key, Later, Line, Record, Step
from pipelines.indicators.payment.explain.formula import Due
from pipelines.indicators.payment.explain.world import (
    Delivery,
    Payment,
    World,
    payment_line,
    reversal_lines,
    why_not_returned,
    why_unspent,
)
from schemas.policies import PolicyRow

_PARAMETER = {"D30": "payment_days_D30", "EONM": "payment_months_EONM", "D60": "payment_days_D60"}
_PASSES = {1: "按发票", 2: "按配送企业先进先出"}


Tell = Callable[[Record], str]
"""Says of a payable in which row of the table it stands: `到期月份是 2020-11`."""


def rule_of(payable: Record, rule: str) -> str:
    """The due rule of a payable where the one that applies is asked for, else the one asked for."""
    return str(payable["applicable_rule"]) if rule == "applicable" else rule


def explain_payables(
    key: Key, own: Collection[Delivery], rule: str, world: World, tell: Tell, steps: Callable[[list[Due]], tuple[Step, ...]]
) -> Explanation:
    """A row made of these payables, under a due rule; `steps` makes its numbers of them."""
    dues, lines, left_out = [], [], []
    own = dict.fromkeys(own)
    for delivery in own:
        due, found, refused = _follow(delivery, rule, world)
        dues.append(due)
        lines += found
        left_out += refused
    spent = dict.fromkeys(met.payment for d in own for met in world.of_payable.get(d, []))
    lines += reversal_lines(spent, world)
    party = {"institution_code": codes(key["institution_code"])}
    named = world.by_payee.get((key["institution_code"], key["distributor_code"]), [])
    taken_back = sorted({r["reverses_payment_id"] for r in named if r["amount_fen"] < 0})
    excess = [
        f"付款 {payment} 的冲销超出原付款 {yuan(fen)} 元，超出部分未计入"
        for payment in taken_back
        if (fen := world.excess.get((key["institution_code"], payment)))
    ]
    provisional = [
        f"{d} 的到期日暂定：该年节假日安排未公布"
        for d in own
        if world.payables[d]["terms"][f"is_provisional_{rule_of(world.payables[d], rule)}"]
    ]
    return Explanation(
        steps=steps(dues),
        policies=_policies(own, rule, world),
        lines=tuple(lines),
        left_out=Later(
            lambda: [*left_out, *_other_deliveries(key, own, world, tell), *_other_payments(key, spent, own, world, tell)]
        ),
        notes=(*excess, *provisional),
        concerned=(
            ("deliveries", party | {"distributor_code": codes(key["distributor_code"])}),
            ("payments", party | {"payee_code": codes(key["distributor_code"])}),
            ("returns", party | {"delivery_id": frozenset(d for _, d in own)}),
        ),
    )


def _follow(delivery: Delivery, rule: str, world: World) -> tuple[Due, list[Line], list[Line]]:
    """One payable: its sum with its parts, the lines behind them, and returns and excuses that do not count."""
    payable, record = world.payables[delivery], world.deliveries[delivery]
    own_rule = rule_of(payable, rule)
    due_on = payable["terms"][f"due_{own_rule}"]
    fen, confirmed, refused = world.owed(record)
    met = world.of_payable.get(delivery, [])
    paid = [(world.lines[m.payment]["paid_on"], m.fen) for m in met]
    held, not_held = _excuses(payable, world)
    due = Due(delivery[1], record["accepted_on"], due_on, fen, tuple(paid), bool(held))
    facts = {
        "验收日期": record["accepted_on"],
        "收货盒数": plain(units(record["received_quantity"]), 10**4),
        "单价（元）": plain(units(record["unit_price"]), 10**4),
        "应付（元）": yuan(fen),
        "到期规则": word("payment_timeliness", "due_rule", own_rule),
        "到期日": due_on,
        "按时支付（元）": yuan(due.on_time),
        "逾期支付（元）": yuan(due.paid - due.on_time),
        "未付（元）": yuan(fen - due.paid),
        "中选品种": "是" if payable["is_selected"] else "否",
    }
    lines = [line_of("deliveries", record, "应付货款", facts)]
    lines += [line_of("returns", r, "退货", _return_facts(r)) for r in confirmed]
    for m in met:
        line = payment_line(m.payment, world)
        more = {
            "用于应付": delivery[1],
            "用于金额（元）": yuan(m.fen),
            "分配方式": _PASSES[m.pass_no],
            "是否按时": "是" if world.lines[m.payment]["paid_on"] <= due_on else "否",
        }
        lines.append(Line(**(line.__dict__ | {"facts": line.facts | more})))
    lines += held
    if rule == "applicable" and payable["is_selected"]:
        lines += [
            line_of("selections", s, "中选依据", {"中选有效期": f"{s['valid_from']} 至 {s['valid_to'] or '长期'}"})
            for s in world.selections.get(record["product_code"], [])
            if s["valid_from"] <= record["accepted_on"] <= (s["valid_to"] or date.max)
        ]
    as_of = world.inputs.as_of
    back = [line_of("returns", r, "退货", _return_facts(r), why_not_returned(r, as_of)) for r in refused]
    return due, lines, back + not_held


def _return_facts(back: Record) -> Record:
    packs = plain(units(back["returned_quantity"]), 10**4)
    return {"退货盒数": packs, "退货日期": back["returned_on"], "所退收货": back["delivery_id"]}


def _excuses(payable: Record, world: World) -> tuple[list[Line], list[Line]]:
    """The approved excuses that name the payable: those that hold, and those that do not."""
    held: list[Line] = []
    not_held: list[Line] = []
    invoice = (payable["invoice_code"], payable["invoice_no"])
    for e in world.excuses.get(payable["institution_code"], []):
        names_delivery = e["delivery_id"] is not None and e["delivery_id"] == payable["delivery_id"]
        names_invoice = e["invoice_no"] is not None and (e["invoice_code"], e["invoice_no"]) == invoice
        if not (names_delivery or names_invoice):
            continue
        reasons = after_as_of(e["valid_from"], world.inputs.as_of, "备案生效日期")
        if e["valid_to"] is not None and payable["accepted_on"] > e["valid_to"]:
            reasons.append(f"备案只适用于 {e['valid_to']} 前验收的货款")
        facts = excuse_facts(e) | {"应付": payable["delivery_id"]}
        (not_held if reasons else held).append(line_of("excuses", e, "正当理由", facts, reasons))
    return held, not_held


def _other_deliveries(key: Key, own: Collection[Delivery], world: World, tell: Tell) -> list[Line]:
    """Receipts of the same institution and supplier that are no part of this row."""
    found = []
    for d in world.by_supplier.get((key["institution_code"], key["distributor_code"]), []):
        delivery = (d["institution_code"], d["delivery_id"])
        if delivery not in own:
            facts = {"验收日期": d["accepted_on"]}
            found.append(line_of("deliveries", d, "收货", facts, _why_not_owed(delivery, world, tell)))
    return found


def _why_not_owed(delivery: Delivery, world: World, tell: Tell) -> list[str]:
    record, payable = world.deliveries[delivery], world.payables.get(delivery)
    if payable is not None:
        return [f"{tell(payable)}，列入另一行"]
    reasons = ["赠品没有货款"] if record["is_gift"] else []
    if record["accepted_on"] is None:
        return [*reasons, "尚未验收，付款时限没有开始"]
    reasons += after_as_of(record["accepted_on"], world.inputs.as_of, "验收日期")
    if not reasons and world.owed(record)[0] <= 0:
        reasons.append("扣除退货后应付金额为 0 或负数")
    return reasons


def _other_payments(key: Key, spent: Collection[Payment], own: Collection[Delivery], world: World, tell: Tell) -> list[Line]:
    """Payments to the supplier that settled nothing of this row, and what is left of those that did."""
    found = []
    settled = {payment[:2] for payment in spent}
    for record in world.by_payee.get((key["institution_code"], key["distributor_code"]), []):
        payment = (record["institution_code"], record["payment_id"], record["line_no"])
        is_reversal = record["amount_fen"] < 0 and record["paid_on"] <= world.inputs.as_of
        if is_reversal and (payment[0], record["reverses_payment_id"]) in settled:
            continue  # listed among the rows that count
        elsewhere = [m for m in world.of_payment.get(payment, []) if m.payable not in own]
        reasons = [
            f"其中 {yuan(m.fen)} 元用于 {m.payable[0]} 的应付 {m.payable[1]}"
            f"（{_PASSES[m.pass_no]}，{tell(world.payables[m.payable])}）"
            for m in elsewhere
        ]
        if reasons := reasons + why_unspent(payment, world):
            found.append(payment_line(payment, world, reasons))
    return found


def _policies(own: Iterable[Delivery], rule: str, world: World) -> tuple[PolicyRow, ...]:
    """The policy rows that set due rule, days and rolling for the payables of the row."""
    asked: dict[tuple[str, str, date], None] = {}
    for delivery in own:
        payable = world.payables[delivery]
        names = [_PARAMETER[rule_of(payable, rule)], "payment_roll_to_working_day"]
        if rule == "applicable":
            names.append("payment_rule_selected" if payable["is_selected"] else "payment_rule_other")
        asked |= {(n, payable["jurisdiction_code"], payable["accepted_on"]): None for n in names}
    return distinct(world.inputs.policies.resolve(n, j, day) for n, j, day in asked)
