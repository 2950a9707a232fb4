"""What is unpaid of a month of acceptance, led back to receipts, returns and payments (obligations §33)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial

from pipelines.engine.explained_rows import add_yuan, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Record, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.payment.arrears import MONTH, STEPS
from pipelines.indicators.payment.explain.formula import Due
from pipelines.indicators.payment.explain.payable import explain_payables
from pipelines.indicators.payment.explain.world import LISTS, Delivery, World, open_world


def _open(inputs: Inputs) -> Explain:
    world = open_world(inputs)
    rows: dict[tuple[str, ...], list[Delivery]] = defaultdict(list)
    for delivery, payable in world.payables.items():
        rows[payable["institution_code"], payable["distributor_code"], _month(payable)].append(delivery)
    return partial(_find, world=world, rows=rows)


def _find(key: Key, world: World, rows: dict[tuple[str, ...], list[Delivery]]) -> Explanation | None:
    own, steps = rows.get(tuple(key[c] for c in MONTH)), partial(_add_up, as_of=world.inputs.as_of)
    return explain_payables(key, own, "applicable", world, lambda p: f"验收月份是 {_month(p)}", steps) if own else None


def _month(payable: Record) -> str:
    return f"{payable['accepted_on']:%Y-%m}"


def _add_up(dues: Sequence[Due], as_of: date) -> tuple[Step, ...]:
    """Every number of the row from its payables and the payments that met them."""
    owed, paid, unpaid = [d.fen for d in dues], [d.paid for d in dues], [d.fen - d.paid for d in dues]
    days = [(as_of - d.accepted_on).days for d in dues]
    over = {n: [fen for fen, age in zip(unpaid, days, strict=True) if age > n] for n in STEPS}
    return (
        Step("payables", "应付笔数 = 当月验收的应付笔数", f"{len(dues)} 笔", len(dues)),
        Step("accepted_fen", "验收应付 = Σ 当月验收的应付", add_yuan(owed), sum(owed)),
        Step("paid_fen", "已支付 = Σ 对这些应付的全部支付（含两轮分配）", add_yuan(paid), sum(paid)),
        Step("unpaid_fen", "未付 = 验收应付 − 已支付", f"{yuan(sum(owed))} − {yuan(sum(paid))}", sum(unpaid)),
        *(
            Step(f"unpaid_over_{n}_fen", f"超过 {n} 天未付 = Σ {as_of} − 验收日 > {n} 天的未付", add_yuan(fens), sum(fens))
            for n, fens in over.items()
        ),
    )


EXPLAINED = Explained(table="payment_arrears", indicator="payment", open=_open, lists=LISTS)
