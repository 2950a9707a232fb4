"""What is judged of commitments that were published: on a list of those to be named, and in the score of a year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.engine.explained_rows import records_of
from pipelines.engine.figures import UNIT, round_half_up
from pipelines.engine.finding import excused_thing
from pipelines.engine.indicator import Inputs
from pipelines.engine.published import Published
from pipelines.errors import VbpError
from pipelines.indicators.agreed_volume.claims import claims_of
from pipelines.indicators.agreed_volume.commitments import commitments_of
from pipelines.indicators.agreed_volume.declaration import COMPLETION, FAILED, SERIOUSLY_BEHIND
from pipelines.indicators.agreed_volume.indicator import INDICATOR
from pipelines.indicators.agreed_volume.orders import orders_of
from schemas.rule import Rule

Record = dict[str, Any]

SIDES = (
    "缺口 = 约定采购量 − 净采购量。已订未到 = 周期内下单、到周期末（或统计截止日）尚未验收的数量（未到、迟到或少到）。"
    "缺口中已订未到 = min(缺口, 已订未到)，属供应一侧；其余（未订，或退货后未再订）属采购一侧。"
    "两个数量都是核对线索，不是定责结论。"
)
"""What a reader of a list is told of the two sides of a shortfall."""


def excused(published: Published, rule: Rule) -> list[Record]:
    """Commitments that ended short and are excused: no finding was raised."""
    return [
        excused_thing(
            published, rule, row, row["period_end"], f"协议 {row['commitment_id']} 采购周期已结束，剔除有正当理由的数量后已完成"
        )
        for row in published.rows(COMPLETION.name, "status = 'excused'")
    ]


def figures(published: Published, findings: Sequence[Record]) -> dict[str, Record]:
    """Rates and quantities strict beside excused, and on whose side the shortfall lies."""
    short = "status IN ('failed', 'seriously_behind', 'excused')"
    rows = {row["commitment_id"]: row for row in published.rows(COMPLETION.name, short)}
    inputs = published.records(frozenset(finding["institution_code"] for finding in findings))
    commitments = commitments_of(inputs)
    excuses = dict(commitments.select("commitment_id", "excuse_id").iter_rows())
    orders: dict[str, list[Record]] = {}
    for order in orders_of(inputs, commitments, claims_of(inputs, commitments)).to_dicts():
        orders.setdefault(order["commitment_id"], []).append(order)
    names = {row["enterprise_code"]: row["name"] for row in records_of(inputs, "enterprises")}
    found = {}
    for finding in findings:
        row = rows[finding["subject_key"]]
        own = _quantities(row, orders.get(row["commitment_id"], ()), names)
        if finding["rule_code"] not in (FAILED.code, SERIOUSLY_BEHIND.code):
            own |= {"excuse_id": excuses.get(row["commitment_id"]), "is_excused": True}
        found[finding["finding_id"]] = {"amount_fen": None, "excused_fen": None, "is_excused": False} | own
        if finding["rule_code"] == SERIOUSLY_BEHIND.code and row["excused_quantity"] > 0:
            found[finding["finding_id"]]["is_excused"] = _keeps_pace(row, published)
    return found


def _quantities(row: Mapping[str, Any], orders: Sequence[Record], names: Mapping[str, str]) -> Record:
    """At most what is ordered and has not come is on the supplier's side, the rest on the hospital's."""
    ordered, outstanding = (sum(order[c] for order in orders) / UNIT for c in ("ordered", "outstanding"))
    suppliers = {o["distributor_code"]: o["outstanding"] / UNIT for o in orders if o["outstanding"]}
    shortfall = float(Fraction(str(row["agreed_quantity"])) - Fraction(str(row["net_quantity"])))
    supplier = min(shortfall, outstanding)
    published = ("strict_rate", "excused_rate", "agreed_quantity", "net_quantity", "excused_quantity", "returned_quantity")
    return {
        **{c: row[c] for c in published},
        "shortfall_quantity": shortfall,
        "ordered_quantity": ordered,
        "outstanding_quantity": outstanding,
        "supplier_quantity": supplier,
        "hospital_quantity": float(Fraction(str(shortfall)) - Fraction(str(supplier))),
        "outstanding_suppliers": "；".join(
            f"{names.get(code, '')}（{code}）{units:g}" for code, units in sorted(suppliers.items())
        )
        or None,
    }


def _keeps_pace(row: Mapping[str, Any], published: Published) -> bool:
    net, agreed, excused = (Fraction(str(row[c])) for c in ("net_quantity", "agreed_quantity", "excused_quantity"))
    return keeps_pace(row, row["jurisdiction_code"], net, agreed - excused, published)


def keeps_pace(row: Mapping[str, Any], place: str, net: Fraction, due: Fraction, published: Published) -> bool:
    """Whether a running commitment, of which `due` is left once what is excused is taken off, is not seriously behind
    (rulebook §4).
    """
    policy = published.policies.resolve("seriously_behind_ratio", place, published.as_of)
    whole = (row["period_end"] - row["period_start"]).days + 1
    passed = (min(published.as_of, row["period_end"]) - row["period_start"]).days + 1
    keeps: bool = net * whole >= Fraction(str(policy.value)) * due * passed
    return keeps


def sums(published: Published, year: int, since: date) -> list[Record]:
    """What each commitment that ended on or after `since`, and before as_of, adds to the score of its institution: counts, and
    fen as the roll-up values them. VbpError where the lake does not give what was published.
    """
    ended = {
        row["commitment_id"]: row
        for row in published.rows(COMPLETION.name, "status IN ('completed', 'excused', 'failed')")
        if since <= row["period_end"] < published.as_of
    }
    if not ended:
        return []
    rows = _valued(published.records(frozenset(row["institution_code"] for row in ended.values())), ended)
    if len(rows) != len(ended):
        raise VbpError(f"已发布 {len(ended)} 项到期协议，按存档输入为 {len(rows)} 项；请先用 vbp verify 核验该运行")
    return [_sum_up(row, ended[row["commitment_id"]]) for row in rows]


def _valued(inputs: Inputs, ended: Mapping[str, Record]) -> list[Record]:
    judged = INDICATOR.evidence(inputs)["commitments"].lazy().collect()
    valued = judged.filter(pl.col("commitment_id").is_in(list(ended))).with_columns(
        excused_value=round_half_up(pl.col("excused") * pl.col("price"), pl.col("per") * 10**6)
    )
    return valued.with_columns(pl.col(pl.Categorical).cast(pl.String)).to_dicts()


def _sum_up(row: Mapping[str, Any], published: Mapping[str, Any]) -> Record:
    for column in ("agreed", "net", "excused"):
        if row[column] / UNIT != published[f"{column}_quantity"]:
            raise VbpError(
                f"协议 {row['commitment_id']} 的 {column}_quantity：按存档输入为 {row[column] / UNIT}，"
                f"已发布 {published[f'{column}_quantity']}；请先用 vbp verify 核验该运行"
            )
    found = {
        "institution_code": row["institution_code"],
        "commitments": 1,
        "completed": int(published["status"] == "completed"),
        "excused": int(published["status"] == "excused"),
        "unvalued": int(row["agreed_fen"] is None),
    }
    if row["agreed_fen"] is None:
        return found
    lacking = max(0, row["agreed_fen"] - row["capped_fen"])
    return found | {
        "agreed_fen": row["agreed_fen"],
        "capped_fen": row["capped_fen"],
        "excused_agreed_fen": min(row["excused_value"], lacking),
    }
