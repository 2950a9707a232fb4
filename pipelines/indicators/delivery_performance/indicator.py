"""Delivery and shortage 配送履约与短缺 (国办发〔2021〕20号 (十九); obligations §26)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import with_rates
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.delivery_performance.declaration import PARAMETERS, TABLES
from pipelines.indicators.delivery_performance.found import findings
from pipelines.indicators.delivery_performance.orders import UNIT, asked_for, is_recent, order_lines, wakes
from pipelines.indicators.delivery_performance.owed import OWED
from pipelines.indicators.delivery_performance.short import aged, shortages
from pipelines.indicators.delivery_performance.tables import DELIVERY, SHORTAGE
from pipelines.indicators.payment.indicator import INDICATOR as PAYMENT
from pipelines.lines.products import GENERIC, products_of

_ROW = ("institution_code", "distributor_code", "month")
_PARTIES = ("jurisdiction_code", "distributor_code", "institution_code")
_GOODS = ("city_code", *GENERIC, "product_code", "institution_code", "distributor_code")
_FEN = ("ordered_fen", "delivered_fen", "on_time_fen")
_COUNTED = ("lines", "complete_lines", "on_time_lines")
TOO_OLD = "到期日早于近90天"


def evidence(inputs: Inputs) -> Frames:
    """`orders`: the order lines due up to as_of; `deliveries` (lazy): what came of them, or has not, with file, sheet, line."""
    orders = order_lines(inputs)
    return {"orders": orders, "deliveries": _deliveries(orders, inputs)}


def _deliveries(orders: pl.DataFrame, inputs: Inputs) -> pl.LazyFrame:
    recent, came = is_recent(inputs.as_of), pl.col("accepted_on") <= inputs.as_of
    own = ("delivery_id", "ordered_quantity", "shipped_on", "accepted_on", "received_quantity", "is_emergency")
    lines = as_text(orders).select(
        *UNIT,
        *("distributor_code", "month", "ordered_on"),
        pl.col("due").alias("到期日"),
        city_code=_city(pl.col("jurisdiction_code")),
        left_out_shortage=pl.when(~recent).then(pl.lit(TOO_OLD)),
    )
    rows = asked_for(inputs).select(*UNIT, *own, "_file", "_sheet", "_line").join(lines, on=UNIT)
    return rows.with_columns(received_quantity=pl.when(came).then("received_quantity"))


def _city(division: pl.Expr) -> pl.Expr:
    return division.str.head(4) + "00"


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: a row per order line: counts (0 or 1), packs (10⁻⁴), fen; `is_recent`: due in the last 90 days."""
    whole = (pl.col(name) == pl.col("ordered") for name in ("delivered", "on_time"))
    flags = {name: flag.cast(pl.Int64) for name, flag in zip(_COUNTED[1:], whole, strict=True)}
    key = (*UNIT, "distributor_code", "jurisdiction_code", "month", is_recent(inputs.as_of).alias("is_recent"))
    one = pl.lit(1, pl.Int64)
    rows = evidence["orders"].lazy().select(*key, *_FEN, "ordered", "delivered", lines=one, **flags, rows=one)
    return {"lines": rows.collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """What order lines come to.

    `months`: by institution, supplier and month of the order; and of those due in the last 90 days `recent`: by division,
    supplier and institution; `goods`: by city, generic, route, product, institution and supplier, in packs (10⁻⁴), `lacking`
    the lines that did not come in full. `owed_there`: `owed` with the division.
    """
    lines = sums["lines"].lazy()
    codes = ("institution_code", "product_code", "distributor_code", "jurisdiction_code")
    recent = lines.filter("is_recent").with_columns(pl.col(codes).cast(pl.Categorical))
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    generics = inputs.once(products_of).lazy().select("product_code", *GENERIC)
    goods = recent.group_by(codes).agg(
        pl.sum("ordered", "delivered", "rows"), lacking=pl.sum("lines") - pl.sum("complete_lines")
    )
    frames = {
        "months": as_text(lines.group_by(_ROW).agg(pl.sum(*_COUNTED, *_FEN, "rows"))).sort(_ROW),
        "recent": recent.group_by(_PARTIES).agg(pl.sum("lines", *_FEN[:2], "rows")),
        "goods": as_text(goods.join(generics, on="product_code"))
        .with_columns(city_code=_city(pl.col("jurisdiction_code")))
        .select(*_GOODS, "ordered", "delivered", "lacking", "rows"),
        "owed_there": sums["owed"].lazy().join(places, on="institution_code").select(*_PARTIES, "overdue_fen", "rows"),
    }
    return dict(zip(frames, pl.collect_all(map(as_text, frames.values())), strict=True))


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`delivery_performance` and `shortage` (obligations §26)."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", today=pl.lit(inputs.as_of))
    least = inputs.with_policy(places.collect(), "delivery_rate_min", "today").lazy()
    rows = (
        sums["months"]
        .lazy()
        .join(least.rename({"delivery_rate_min_policy_id": "policy_id"}), on="institution_code", maintain_order="left")
    )
    return {DELIVERY.name: with_rates(rows, DELIVERY), SHORTAGE.name: shortages(sums["goods"], inputs)}


INDICATOR = Indicator(
    code="delivery_performance",
    title_zh="配送履约与供应短缺",
    clause="中共中央 国务院关于深化医疗保障制度改革的意见 (二十)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("deliveries", "institutions", "products", "catalogue_entries"),
    unit=UNIT,
    parameters=tuple(PARAMETERS),
    dated=("delivery_days", "delivery_days_emergency", "transit_days"),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"months": _ROW, "recent": _PARTIES[:2], "owed_there": _PARTIES[:2], "goods": _GOODS[:3]},
    ages={"goods": aged},
    reports=reports,
    findings=findings,
    earlier=(OWED,),
    rests_on=(PAYMENT,),
    links={"deliveries": Link(day=("ordered_on", "accepted_on"))},
    wakes=wakes,
)
