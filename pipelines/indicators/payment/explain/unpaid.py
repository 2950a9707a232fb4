"""A payable of which something is unpaid, led back to its receipt, its returns and the payments that met it (rulebook §5)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from pipelines.engine.explained_rows import add_yuan, plain, units, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.payment.explain.formula import Due
from pipelines.indicators.payment.explain.payable import explain_payables
from pipelines.indicators.payment.explain.world import LISTS, Delivery, World, open_world


def _open(inputs: Inputs) -> Explain:
    return partial(_find, world=open_world(inputs))


def _find(key: Key, world: World) -> Explanation | None:
    own = (key["institution_code"], key["delivery_id"])
    payable = world.payables.get(own)
    if payable is None:
        return None
    key = {**key, "distributor_code": payable["distributor_code"]}
    steps = partial(_take_off, own=own, world=world)
    return explain_payables(key, [own], "applicable", world, lambda p: f"验收日期是 {p['accepted_on']}", steps)


def _take_off(dues: Sequence[Due], own: Delivery, world: World) -> tuple[Step, ...]:
    """What is unpaid of it; since when, its receipt says."""
    (due,), record = dues, world.deliveries[own]
    back = sum(units(r["returned_quantity"]) for r in world.owed(record)[1])
    packs = f"({plain(units(record['received_quantity']), 10**4)} − {plain(back, 10**4)})"
    worth = f"{packs} × {plain(units(record['unit_price']), 10**4)} = {yuan(due.fen)} 元"
    return (
        Step("amount_fen", "应付 =（收货盒数 − 已确认退货盒数）× 单价", worth, due.fen),
        Step("paid_fen", "已支付 = Σ 对这笔应付的全部支付", add_yuan([fen for _, fen in due.pieces]), due.paid),
        Step("unpaid_fen", "未付 = 应付 − 已支付", f"{yuan(due.fen)} − {yuan(due.paid)}", due.fen - due.paid),
    )


EXPLAINED = Explained(table="payment_unpaid", indicator="payment", open=_open, lists=LISTS)
