"""Usage mix 中选与非中选药品使用结构 (慈政办发〔2020〕68号 (八)25; obligations §16)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import quotient_of, with_rates
from pipelines.engine.finding import make_findings, percent, quantity, yuan
from pipelines.engine.indicator import Frames, Indicator, Inputs, Link
from pipelines.indicators.usage_mix.committed import COMMITTED
from pipelines.indicators.usage_mix.declaration import HIGH, MONTHS, ROUTES, YEAR
from pipelines.indicators.usage_mix.mix import ROW, evidence, sums, wakes
from pipelines.indicators.usage_mix.mix import totals as add_up_lines
from pipelines.lines.lines import as_units
from schemas.policies import DECIMAL_PLACES
from schemas.table import ReportTable

_LIMIT, _FLOOR = "non_selected_share_limit", "non_selected_floor"


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`months` and `year` (`mix.totals`); `agreed`: by institution, generic and route, how many commitments count."""
    committed = sums["committed"].lazy().group_by(pl.col(ROW).cast(pl.String)).agg(pl.col("rows").sum())
    return {**add_up_lines(sums, inputs), "agreed": committed.sort(ROW).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`usage_mix` and `usage_mix_year` (obligations §16)."""
    months = sums["months"].lazy().with_columns(pl.col("month").dt.strftime("%Y-%m"))
    agreed = sums["agreed"].lazy().select(*ROW, has_commitment=True)
    year = sums["year"].lazy().join(agreed, on=ROW, how="left", maintain_order="left")
    both = pl.col("selected_fen_before") + pl.col("non_selected_fen_before")
    year = year.with_columns(
        pl.col("has_commitment").fill_null(False),
        non_selected_share_amount_before=quotient_of("non_selected_fen_before", both),
        today=pl.lit(inputs.as_of),
    )
    limited = inputs.with_policy(year.collect(), _LIMIT, "today")
    return {
        MONTHS.name: _printed(months, MONTHS),
        YEAR.name: _printed(limited.lazy(), YEAR).with_columns(policy_id=f"{_LIMIT}_policy_id"),
    }


def _printed(rows: pl.LazyFrame, table: ReportTable) -> pl.LazyFrame:
    """With the rates of the table, made of whole numbers, and then units as they are printed."""
    units = [c.name for c in table.columns if c.name.endswith(("_units", "_units_before")) and c.of is None]
    return with_rates(rows, table).with_columns(as_units(name).alias(name) for name in units)


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """One per public institution, generic and route of whose units this year a greater share than the limit was not selected,
    for as much as the floor.
    """
    public = inputs.scan("institutions").filter(pl.col("ownership") == "public").select("institution_code")
    others, selected = pl.col("non_selected_units"), pl.col("selected_units")
    rows = sums["year"].lazy().filter(others > 0).join(public, on="institution_code", how="semi").collect()
    rows = rows.with_columns(today=pl.lit(inputs.as_of))
    for parameter in (_LIMIT, _FLOOR):
        rows = inputs.with_policy(rows, parameter, "today")
    limit, floor = (pl.col(c).to_physical().cast(pl.Int128) for c in (_LIMIT, _FLOOR))
    high = rows.filter(
        others * 10**DECIMAL_PLACES > limit * (selected + others),
        pl.col("non_selected_fen").cast(pl.Int128) * 10**DECIMAL_PLACES >= floor * 100,
    ).select(*ROW, "today", _LIMIT)
    found = reports[YEAR.name].lazy().join(high.lazy(), on=ROW)
    found = found.with_columns(
        subject_key=pl.concat_str(HIGH.subject.key, separator="|"), amount_fen="non_selected_fen", quantity="non_selected_units"
    )
    message = pl.format(
        "通用名 {}（{}）本年采购非中选药品 {}，中选药品 {}（最小单位），非中选占 {}，超过 {}；非中选金额 {} 元",
        "generic_code",
        pl.col("route").replace_strict(ROUTES),
        quantity("non_selected_units"),
        quantity("selected_units"),
        percent("non_selected_share_units"),
        percent(_LIMIT),
        yuan("non_selected_fen"),
    )
    return make_findings(found.collect(), inputs, rule=HIGH, day="today", message=message)


INDICATOR = Indicator(
    code="usage_mix",
    title_zh="中选与非中选药品使用结构",
    clause="慈政办发〔2020〕68号 (八)25",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=(
        "deliveries",
        "returns",
        "institutions",
        "products",
        "lots",
        "selections",
        "substitutes",
        "commitments",
        "commitment_adjustments",
    ),
    unit=("institution_code", "delivery_id"),
    parameters=(_LIMIT, _FLOOR, "clause_usage_mix_year"),
    tables=(MONTHS.name, YEAR.name),
    evidence=evidence,
    sums=sums,
    totals=totals,
    grains={"months": (*ROW, "month"), "year": tuple(ROW), "agreed": tuple(ROW)},
    reports=reports,
    findings=findings,
    earlier=(COMMITTED,),
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
    wakes=wakes,
    anew=("lines",),
)
