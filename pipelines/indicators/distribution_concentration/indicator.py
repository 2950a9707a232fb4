"""Concentration of drug distribution 药品配送集中度 (聊政发〔2018〕44号 三(四)2; obligations §23)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings, percent, yuan
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.distribution_concentration.declaration import DISPERSED, PARAMETERS, SOLE, TABLE
from pipelines.indicators.distribution_concentration.spread import PLACE, in_places, of_products, over_distributors, shares
from pipelines.lines.lines import lines_of
from pipelines.lines.windows import year_to_date

_UNIT = ("institution_code", "distributor_code", "product_code")
_COUNTY = ("year", "jurisdiction_code")
_SEVERAL = 2


def evidence(inputs: Inputs) -> Frames:
    """`bought`: the drug lines from 1 January to as_of with their division and value; `lines` (lazy): the same once for each
    place that they belong to, with file, sheet and line.
    """
    bought = _bought(inputs)
    told = in_places(bought).select(*PLACE, *_UNIT, "delivery_id", "accepted_on", purchase_fen="value_fen")
    return {"bought": bought, "lines": inputs.with_place(as_text(told), "deliveries")}


def _bought(inputs: Inputs) -> pl.LazyFrame:
    places = inputs.scan("institutions").select(pl.col("institution_code").cast(pl.Categorical), "jurisdiction_code")
    return (
        lines_of(inputs)
        .filter(pl.col("accepted_on").is_between(*year_to_date(inputs.as_of)), pl.col("kind") == "drug")
        .select(*_UNIT, "delivery_id", "accepted_on", "value_fen")
        .join(places, on="institution_code")
    )


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`purchases`: by institution, distributor and product the fen of the year, and how many lines."""
    lines = evidence["bought"].lazy().group_by(*_UNIT, "jurisdiction_code")
    added = lines.agg(pl.col("value_fen").sum(), rows=pl.len().cast(pl.Int64))
    return {"purchases": added.with_columns(year=pl.lit(inputs.as_of.year, pl.Int32)).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """By year and division: `distributors` with their fen; `products` and from whom, with how many `institutions` bought it
    there; `institutions`.
    """
    purchases = sums["purchases"].lazy()
    one = pl.lit(1, pl.Int64)
    found = (
        purchases.group_by(*_COUNTY, "distributor_code").agg(pl.col("value_fen", "rows").sum()),
        purchases.with_columns(institutions=one)
        .group_by(*_COUNTY, "product_code", "distributor_code")
        .agg(pl.col("institutions", "rows").sum()),
        purchases.group_by(*_COUNTY, "institution_code").agg(pl.col("rows").sum()),
    )
    names = ("distributors", "products", "institutions")
    return {name: as_text(rows).collect() for name, rows in zip(names, found, strict=True)}


def _places(sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """What `over_distributors` says of the year, with `institutions`, `today` and the shares."""
    of_year = pl.col("year") == inputs.as_of.year
    found = over_distributors(sums["distributors"].lazy().filter(of_year), inputs)
    counted = in_places(sums["institutions"].lazy().filter(of_year)).group_by(PLACE).agg(institutions=pl.len().cast(pl.Int64))
    return shares(found.join(counted.collect(), on=PLACE).with_columns(today=pl.lit(inputs.as_of)))


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`distribution_concentration` (obligations §23)."""
    products = of_products(sums["products"].lazy().filter(pl.col("year") == inputs.as_of.year)).collect()
    rows = _places(sums, inputs).join(products, on=PLACE)
    for parameter in ("sole_distributor_share", "top10_share_min"):
        rows = inputs.with_policy(rows, parameter, "today")
    policy = (
        pl.when(pl.col("level") == "county").then("sole_distributor_share_policy_id").otherwise("top10_share_min_policy_id")
    )
    return {TABLE.name: rows.with_columns(policy_id=policy)}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """A city whose ten largest suppliers have too little, and a county in which one group has nearly all; compared in whole
    numbers.
    """
    rows = _places(sums, inputs).filter(pl.col("purchase_fen") > 0)
    rows = rows.with_columns(subject_key="code", institution_code=pl.lit(None, pl.String))
    return pl.concat([_dispersed(rows, inputs), _sole(rows, inputs)])


def _is_share(part: str, sign: str, parameter: str) -> pl.Expr:
    """Whether a part of all purchases is below a share (`<`), or reaches it (`≥`)."""
    part_of_million = pl.col(part).cast(pl.Int128) * 10**6
    share = pl.col(parameter).to_physical().cast(pl.Int128) * pl.col("purchase_fen")
    return part_of_million < share if sign == "<" else part_of_million >= share


def _dispersed(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    rows = inputs.with_policy(rows.filter(level="city"), "top10_share_min", "today")
    message = pl.format(
        f"{inputs.as_of.year} 年以来 {{}} 家医疗机构的药品采购中，前十家配送企业占 {{}}，低于下限 {{}}；共 {{}} 家配送企业，"
        "最大的 {} 占 {}。可能的正常原因：数据未含全部批发额、配送企业属同一集团、偏远地区需多家配送；"
        "请核对全市批发统计和集团关系",
        *("institutions", percent("top10_share"), percent("top10_share_min"), "distributors"),
        *("top_distributor_code", percent("top_share")),
    )
    found = rows.filter(_is_share("top10_fen", "<", "top10_share_min"))
    return make_findings(found, inputs, rule=DISPERSED, day="today", message=message)


def _sole(rows: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    rows = rows.filter(pl.col("level") == "county", pl.col("institutions") >= _SEVERAL)
    for parameter in ("sole_distributor_share", "concentration_floor"):
        rows = inputs.with_policy(rows, parameter, "today")
    rows = rows.with_columns(counterparty_code="top_distributor_code", amount_fen="top_fen")
    message = pl.format(
        f"{inputs.as_of.year} 年以来 {{}} 家医疗机构采购药品 {{}} 元，其中集团（或企业）{{}} 占 {{}}，达到界限 {{}}；"
        "最大配送企业 {} {} 元。"
        "可能的正常原因：县乡村一体化配送、遴选确定的配送企业、偏远地区无人愿送；请核对遴选文件和其他企业的配送申请",
        *(
            "institutions",
            yuan("purchase_fen"),
            "top_group_code",
            percent("top_group_share"),
            percent("sole_distributor_share"),
        ),
        *("top_distributor_code", yuan("top_fen")),
    )
    floor = pl.col("concentration_floor").to_physical().cast(pl.Int128)
    is_enough = pl.col("purchase_fen").cast(pl.Int128) * 10**4 >= floor
    found = rows.filter(_is_share("top_group_fen", "≥", "sole_distributor_share"), is_enough)
    return make_findings(found, inputs, rule=SOLE, day="today", message=message)


def wakes(changes: Changes) -> pl.DataFrame:
    """With the year another year's lines count: those of both."""
    years = {day.year for day in changes.days}
    lines = changes.now.scan("deliveries").filter(pl.col("accepted_on").dt.year().is_in(years if len(years) > 1 else []))
    return lines.select(_UNIT).unique().collect()


INDICATOR = Indicator(
    code="distribution_concentration",
    title_zh="药品配送集中度",
    clause="聊政发〔2018〕44号 三(四)2",
    version=1,
    reviewed_on=date(2026, 12, 1),
    axis="institution",
    reads=("deliveries", "returns", "institutions", "products", "enterprises"),
    unit=_UNIT,
    parameters=tuple(PARAMETERS),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("purchases",),
    totals=totals,
    grains=dict.fromkeys(("distributors", "products", "institutions"), ("year",)),
    reports=reports,
    findings=findings,
    links={"deliveries": Link(day="accepted_on"), "returns": Link(of="deliveries", day="returned_on")},
    wakes=wakes,
)
