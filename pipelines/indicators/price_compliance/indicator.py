"""Prices paid beside those that hold, and charged beside those paid 采购价格执行与加成 (002 (十九), 聊政发〔2018〕44号 三(五)3;
obligations §25).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.finding import make_findings, quantity, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.engine.order import in_order
from pipelines.indicators.price_compliance.declaration import ABOVE, BASES, COMPLIANCE, MARKUP, TABLES
from pipelines.indicators.price_compliance.declaration import LINE as LINE_TABLE
from pipelines.indicators.price_compliance.lines import EXEMPT, KINDS, LINE, METHOD, TOLERANCE, priced_lines
from pipelines.indicators.price_compliance.linked import COMMITTED, OF_PRODUCT, OF_SIBLINGS
from pipelines.lines.lines import as_units

_MONTH = ["institution_code", "month"]
_PRODUCT = ["institution_code", "product_code", "month"]
_ONE = pl.lit(1, pl.Int64)
_PRICE = pl.lit(10**4, pl.Int64)


def evidence(inputs: Inputs) -> Frames:
    """`priced`: one row per line (`priced_lines`); `lines` (lazy): the same in the columns of the reports, with file, sheet and
    line.
    """
    priced = priced_lines(inputs)
    lines = priced.lazy().select(*LINE, "product_code", "ordered_on", "accepted_on", "month", "basis", **_measures())
    return {"priced": priced, "lines": inputs.with_place(lines, "deliveries")}


def _measures() -> dict[str, pl.Expr]:
    """What a line adds to each column of the month."""
    value, gap, zero = pl.col("value_fen"), pl.col("gap_fen"), pl.lit(0, pl.Int64)
    over, below = (pl.col("side").eq_missing(pl.lit(side)) for side in ("over", "below"))
    is_more = pl.col("charge") == "marked_up"
    return {
        "purchase_fen": value,
        "compared_fen": pl.when(pl.col("basis").is_not_null()).then(value).otherwise(zero),
        "over_lines": over.cast(pl.Int64),
        "over_fen": pl.when(over).then(gap).otherwise(zero),
        "over_value_fen": pl.when(over).then(value).otherwise(zero),
        "below_lines": below.cast(pl.Int64),
        "below_fen": pl.when(below).then(-gap).otherwise(zero),
        "charged_lines": (pl.col("charge") != "free").cast(pl.Int64),
        "markup_lines": is_more.cast(pl.Int64),
        "markup_fen": pl.when(is_more).then("markup_fen").otherwise(zero),
    }


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per line; `over`: those paid beyond the price, with what the report says of them (prices 10⁻⁴ yuan)."""
    priced = evidence["priced"].lazy()
    said = (*LINE, "jurisdiction_code", "product_code", "distributor_code", "ordered_on", "accepted_on", "month", "basis")
    measures = ("expected", "paid", "packs", "units", "value_fen")
    over = priced.filter(pl.col("side") == "over").select(*said, *measures, over_fen="gap_fen", rows=_ONE)
    lines = priced.select(
        *LINE, "month", "side", "charge", *(pl.col(c).fill_null(0) for c in ("value_fen", "gap_fen", "markup_fen")), rows=_ONE
    )
    return {"lines": lines.collect(), "over": in_order(as_text(over).collect(), LINE)}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months`: lines by institution, month, side and charge; `above`: those paid beyond the price by institution, product, month
    and basis.
    """
    measures = pl.col("value_fen", "gap_fen", "markup_fen", "rows").sum()
    months = sums["lines"].lazy().group_by(*_MONTH, "side", "charge").agg(measures)
    above = sums["over"].lazy().group_by(*_PRODUCT, "basis").agg(pl.col("over_fen", "units", "rows").sum())
    return {"months": as_text(months).collect(), "above": as_text(above).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`price_compliance` and `price_line` (obligations §25)."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    rows = _by_month(sums).join(places, on="institution_code").with_columns(last_day=_last_day()).collect()
    rows = inputs.with_policy(rows, METHOD, "last_day").rename({f"{METHOD}_policy_id": "policy_id"})
    lines = with_rates(
        sums["over"].lazy().rename({"expected": "expected_price", "paid": "paid_price"}), LINE_TABLE
    ).with_columns(quotient_of(c, _PRICE).alias(c) for c in ("expected_price", "paid_price", "packs"))
    return {COMPLIANCE.name: with_rates(rows, COMPLIANCE), LINE_TABLE.name: lines}


def _by_month(sums: Frames) -> pl.LazyFrame:
    def of(column: str, *sides: str) -> pl.Expr:
        return pl.col(column).filter(pl.col("side").is_in(sides)).sum()

    def charged(column: str, *charges: str) -> pl.Expr:
        return pl.col(column).filter(pl.col("charge").is_in(charges)).sum()

    return (
        sums["months"]
        .lazy()
        .group_by(_MONTH)
        .agg(
            purchase_fen=pl.col("value_fen").sum(),
            compared_fen=pl.col("value_fen").filter(pl.col("side").is_not_null()).sum(),
            over_lines=of("rows", "over"),
            over_fen=of("gap_fen", "over"),
            over_value_fen=of("value_fen", "over"),
            below_lines=of("rows", "below"),
            below_fen=-of("gap_fen", "below"),
            charged_lines=charged("rows", "as_paid", "marked_up"),
            markup_lines=charged("rows", "marked_up"),
            markup_fen=charged("markup_fen", "marked_up"),
        )
    )


def _last_day() -> pl.Expr:
    return (pl.col("month") + "-01").str.to_date("%Y-%m-%d").dt.month_end()


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per institution, product, month and basis with lines paid beyond the price, and one per public institution and month
    with lines charged beyond what was paid.
    """
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code", "ownership")
    above = sums["above"].lazy().join(places, on="institution_code").collect()
    return pl.concat([*(_above(above, basis, inputs) for basis in ABOVE), _markup(reports, places, inputs)])


_WHY = {
    "selected": "",
    "estimated": "。折算价由同一企业其他包装规格的中选价推出，不是公布的价格；"
    "可能的正常原因：挂网价另有规定、装量或材质不同；请核对挂网公告与中选品种备案规格",
    "listing": "；请核对下单日的挂网公告",
}


def _above(above: pl.DataFrame, basis: str, inputs: Inputs) -> pl.DataFrame:
    rule = ABOVE[basis]
    rows = above.filter(pl.col("basis") == basis).with_columns(
        subject_key=pl.concat_str(rule.subject.key, separator="|"),
        amount_fen="over_fen",
        quantity=as_units("units"),
        event_on=_last_day(),
    )
    message = pl.format(
        "{} 验收的产品 {} 有 {} 行采购价高于下单日的{}，共 {} 最小单位，高出 {} 元" + _WHY[basis],
        "month",
        "product_code",
        "rows",
        pl.lit(BASES[basis] if basis != "estimated" else "折算价"),
        quantity("quantity"),
        yuan("amount_fen"),
    )
    return make_findings(rows, inputs, rule=rule, day="event_on", message=message)


def _markup(reports: Frames, places: pl.LazyFrame, inputs: Inputs) -> pl.DataFrame:
    public = places.filter(pl.col("ownership") == "public").select("institution_code")
    rows = (
        reports[COMPLIANCE.name]
        .lazy()
        .filter(pl.col("markup_lines") > 0)
        .join(public, on="institution_code", how="semi")
        .with_columns(
            subject_key=pl.concat_str(MARKUP.subject.key, separator="|"), amount_fen="markup_fen", event_on=_last_day()
        )
        .collect()
    )
    message = pl.format(
        "{} 验收的应零加成采购 {} 行中有 {} 行收费价高于采购价，合计 {} 元",
        *("month", "charged_lines", "markup_lines", yuan("amount_fen")),
    )
    return make_findings(rows, inputs, rule=MARKUP, day="event_on", message=message)


INDICATOR = Indicator(
    code="price_compliance",
    title_zh="采购价格执行与加成",
    clause="聊政发〔2018〕44号 三(五)3",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=(
        *("deliveries", "returns", "institutions", "products", "lots", "selections"),
        *("commitments", "commitment_adjustments", "reference_prices"),
    ),
    unit=tuple(LINE),
    parameters=(METHOD, TOLERANCE, KINDS, EXEMPT, "clause_price_compliance", "clause_markup", "findings_from"),
    dated=(METHOD, TOLERANCE, KINDS, EXEMPT, "clause_price_compliance", "clause_markup"),
    ahead=(METHOD, "clause_price_compliance", "clause_markup"),
    tables=tuple(table.name for table in TABLES),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"months": tuple(_MONTH), "above": tuple(_PRODUCT)},
    reports=reports,
    findings=findings,
    links={
        "deliveries": Link(day="accepted_on"),
        "returns": Link(day="returned_on"),
        "selections": OF_SIBLINGS,
        "reference_prices": OF_PRODUCT,
        "commitments": COMMITTED,
        "commitment_adjustments": Link(of="commitments", day="effective_on"),
    },
)
