"""How an agency keeps to its days, led back to its groups (obligations §15)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.explained_rows import NO_DENOMINATOR, add_yuan, codes, ratio, yuan
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Scope, Step, Versions
from pipelines.engine.indicator import Inputs
from pipelines.indicators.prepayment.explain.world import LISTS, World, lines_of, open_world


def _scope(key: Key, versions: Versions) -> Scope:
    """The institutions that it prepays, or of which a commitment names it; all of them where nobody is named."""
    if not (code := key["agency_code"]):
        return Scope(institutions=None)
    found = (
        versions(dataset).filter(pl.col("agency_code") == code).select("institution_code")
        for dataset in ("commitments", "prepayments")
    )
    return Scope(institutions=codes(*pl.concat(found).collect().to_series().to_list()))


def _open(inputs: Inputs) -> Explain:
    world = open_world(inputs)
    return lambda key: _explain(key["agency_code"], world)


def _explain(code: str, world: World) -> Explanation | None:
    as_of = world.inputs.as_of
    due = {
        key: row
        for key, row in world.rows.items()
        if row["agency_code"] == code and (row["required_fen"] or 0) > 0 and row["pay_due_on"] and row["pay_due_on"] < as_of
    }
    if not due:
        return None
    required = [row["required_fen"] for row in due.values()]
    on_time = [min(row["on_time_fen"], row["required_fen"]) for row in due.values()]
    counted = [lines_of(key, world)[0] for key in due]
    rate = ratio(sum(on_time), sum(required))
    numbers = f"{yuan(sum(on_time))} ÷ {yuan(sum(required))}"
    return Explanation(
        steps=(
            Step("groups", "应预付大于 0、应拨付日早于统计截止日的组数", str(len(due)), len(due)),
            Step("required_fen", "到期应预付金额 = Σ 应预付金额", add_yuan(required), sum(required)),
            Step("on_time_fen", "按时拨付金额 = Σ min(按时拨付, 应预付)", add_yuan(on_time), sum(on_time)),
            Step(
                "on_time_rate", "预付及时率 = 按时拨付金额 ÷ 到期应预付金额", NO_DENOMINATOR if rate is None else numbers, rate
            ),
        ),
        policies=(),
        lines=tuple(line for lines in counted for line in lines if line.dataset in ("commitments", "prepayments")),
        left_out=(),
        notes=tuple(
            f"{institution} 批次 {lot}（{start} 起）：应预付 {yuan(row['required_fen'])} 元，应于 {row['pay_due_on']} 前拨付，"
            f"按时 {yuan(row['on_time_fen'])} 元"
            for (institution, lot, start), row in due.items()
        ),
    )


EXPLAINED = Explained(table="prepayment_agency", indicator="prepayment", scope=_scope, open=_open, lists=LISTS)
