"""Cash that met no payable, led back to the payments it is left of (rulebook §5)."""

from __future__ import annotations

from pipelines.engine.explained_rows import codes, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Line, Step
from pipelines.engine.indicator import Inputs
from pipelines.indicators.payment.explain.world import LISTS, World, open_world, payment_line, reversal_lines, why_unspent


def _open(inputs: Inputs) -> Explain:
    world = open_world(inputs)
    return lambda key: _explain(key, world)


def _explain(key: Key, world: World) -> Explanation | None:
    """What is left of each payment to the payee; the payments that were spent are left out."""
    lines, left_out, left = [], [], []
    for record in world.by_payee.get((key["institution_code"], key["distributor_code"]), []):
        payment = (record["institution_code"], record["payment_id"], record["line_no"])
        known = world.payments.get(payment)
        spent = sum(m.fen for m in world.of_payment.get(payment, []))
        if known is not None and known["amount"] > spent:
            line = payment_line(payment, world)
            more = {"已分配（元）": yuan(spent), "余额（元）": yuan(known["amount"] - spent)}
            lines.append(Line(**(line.__dict__ | {"facts": line.facts | more})))
            lines += reversal_lines([payment], world)
            left.append(known["amount"] - spent)
        else:
            reasons = why_unspent(payment, world) or ["已全部分配给应付货款"]
            left_out.append(payment_line(payment, world, reasons))
    if not left:
        return None
    listed = {line.place for line in lines}
    party = {"institution_code": codes(key["institution_code"]), "payee_code": codes(key["distributor_code"])}
    numbers = f"{' + '.join(yuan(fen) for fen in left)} = {yuan(sum(left))} 元"
    return Explanation(
        steps=(Step("unallocated_fen", "未分配货款 = Σ 各笔付款分配后的余额", numbers, sum(left)),),
        policies=(),
        lines=tuple(lines),
        left_out=tuple(line for line in left_out if line.place not in listed),
        concerned=(("payments", party),),
    )


EXPLAINED = Explained(table="payment_unallocated", indicator="payment", open=_open, lists=LISTS)
