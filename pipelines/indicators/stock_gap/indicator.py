"""Stock that cannot be: more of a product was used than was there and came (慈政办发〔2020〕68号 四(四))."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of
from pipelines.engine.finding import make_findings, quantity, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.indicators.stock_gap.declaration import GAP, MORE_USED, TABLES
from pipelines.indicators.stock_gap.groups import groups_of
from pipelines.indicators.stock_gap.stock import PAIR, SCALE, UNIT, evidence, sums
from pipelines.lines.families import families_of
from schemas.records.products import NATIONAL

_MILLION = 10**6
_PRINTED = ("opening_units", "bought_units", "used_units", "gap_units")


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """The report table."""
    return {GAP.name: _rows(sums, inputs).with_columns(quotient_of(c, pl.lit(SCALE, pl.Int128)).alias(c) for c in _PRINTED)}


def _rows(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """The gaps with the division of their institution and the tolerance at as_of."""
    named = sums["gaps"].lazy().rename(dict(zip(UNIT, PAIR, strict=True)))
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    rows = named.join(places, on="institution_code").with_columns(as_of=pl.lit(inputs.as_of)).collect()
    return inputs.with_policy(rows, "stock_gap_tolerance", "as_of").rename({"stock_gap_tolerance_policy_id": "policy_id"})


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One where more was used than was there and came, and the tolerance besides, under a code of a national pattern."""
    whole = pl.col("opening_units") + pl.col("bought_units")
    tolerance = pl.col("stock_gap_tolerance").to_physical().cast(pl.Int128)
    is_beyond = pl.col("used_units") * _MILLION > whole * (_MILLION + tolerance)
    beyond = _rows(sums, inputs).filter(is_beyond & pl.col("product_code").str.contains(NATIONAL)).select(PAIR)
    rows = (
        reports[GAP.name]
        .lazy()
        .join(beyond.lazy(), on=PAIR, how="semi")
        .with_columns(
            subject_key=pl.concat_str(PAIR, separator="|"),
            amount_fen="usage_fen",
            quantity=-pl.col("gap_units"),
            as_of=pl.lit(inputs.as_of),
        )
        .collect()
    )
    message = pl.format(
        "线索：产品 {} 于 {} 期初 {}，其后采购 {}（含赠品、已减退货），使用 {}（已减退药，金额 {} 元），"
        "使用比可用库存多 {}，数量均为最小单位；"
        "可能是拆零换算、医共体内调拨、退货再售、期初库存未登全等原因，请核对期初盘点表、采购入库、发药和调拨记录",
        "product_code",
        pl.col("opening_on").cast(pl.String),
        quantity("opening_units"),
        quantity("bought_units"),
        quantity("used_units"),
        yuan("usage_fen"),
        quantity("quantity"),
    )
    return make_findings(rows, inputs, rule=MORE_USED, day="as_of", message=message)


_FAMILY = {column: column for column in PAIR}
_TABLES = (families_of, groups_of)
INDICATOR = Indicator(
    code="stock_gap",
    title_zh="用量超过可用库存",
    clause="慈政办发〔2020〕68号 四(四)",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("institutions", "products", "deliveries", "returns", "usages"),
    unit=tuple(UNIT),
    parameters=("stock_gap_tolerance", "clause_stock_gap"),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    reports=reports,
    findings=findings,
    links={
        "deliveries": Link(_FAMILY, to=_TABLES, day="accepted_on"),
        "returns": Link(of="deliveries", day="returned_on"),
        "usages": Link(_FAMILY, to=_TABLES, day="used_on"),
    },
    share=1,  # what is kept are the gaps, few of what is computed
)
