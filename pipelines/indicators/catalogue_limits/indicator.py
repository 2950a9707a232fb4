"""Forms and strengths 剂型与规格 (聊政发〔2018〕44号 三(四)3, 处方管理办法 16; obligations §21)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.finding import make_findings
from pipelines.engine.indicator import Changes, Frames, Indicator, Inputs, Link
from pipelines.engine.kept import as_text
from pipelines.indicators.catalogue_limits.declaration import (
    PARAMETERS,
    TABLE,
    TOO_MANY_FORMS,
    TOO_MANY_PRODUCTS,
    TOO_MANY_STRENGTHS,
)
from pipelines.indicators.catalogue_limits.forms import places_with_words, products_with_forms, ways_of_forms
from pipelines.lines.lines import lines_of
from pipelines.lines.products import drug_codes_of
from pipelines.lines.windows import year_to_date

_UNIT = ("institution_code", "delivery_id")
_ROW = ("institution_code", "drug_code")


def evidence(inputs: Inputs) -> Frames:
    """`lines` (lazy): the drug lines from 1 January to as_of that are no 饮片, with their drug, its form and strength as they are
    written, file, sheet and line.
    """
    written = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), "dosage_form", "strength")
    drugs = inputs.once(drug_codes_of).lazy().join(written, on="product_code")
    lines = (
        lines_of(inputs)
        .filter(pl.col("accepted_on").is_between(*year_to_date(inputs.as_of)))
        .filter((pl.col("kind") == "drug") & (pl.col("special_category") != "tcm_decoction"))
        .join(drugs, on="product_code")
    )
    said = ("product_code", "dosage_form", "strength", "accepted_on", "_file", "_sheet", "_line")
    return {"lines": lines.select(*_UNIT, "drug_code", *said)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`lines`: one per line: which product of which drug it is."""
    return {"lines": evidence["lines"].lazy().select(*_UNIT, "drug_code", "product_code", rows=pl.lit(1, pl.Int64)).collect()}


def totals(sums: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`products`: one per institution, drug and product received: how many lines. Of these reports count what is distinct, for
    such numbers do not add up.
    """
    products = sums["lines"].lazy().group_by(*_ROW, "product_code").agg(pl.col("rows").sum())
    return {"products": as_text(products.collect()).collect()}


def reports(sums: Frames, inputs: Inputs) -> Frames:
    """`catalogue_limits` (obligations §21)."""
    products, places = products_with_forms(inputs), places_with_words(inputs)
    ways = ways_of_forms(products.select("form").drop_nulls().unique(), places)
    has_form, has_both = pl.col("form").is_not_null(), pl.col("form").is_not_null() & pl.col("strength").is_not_null()
    by_form = (
        sums["products"]
        .lazy()
        .join(products.lazy(), on="product_code")
        .group_by(*_ROW, "form", "strength")
        .agg(products=pl.len().cast(pl.Int64))
        .group_by(*_ROW, "form")
        .agg(
            pairs=has_both.sum().cast(pl.Int64),
            products=pl.col("products").filter(has_both).sum(),
            unknown_products=pl.col("products").filter(~has_both).sum(),
        )
        .join(places.lazy(), on="institution_code")
        .join(ways.lazy(), on=["words", "form"], how="left")
    )
    rows = by_form.group_by(*_ROW, "jurisdiction_code", "today").agg(
        pl.col("products", "unknown_products").sum(),
        forms=has_form.sum().cast(pl.Int64),
        strengths=pl.col("pairs").max(),
        injection_products=pl.col("pairs").filter("is_injected").sum(),
        oral_products=pl.col("pairs").filter("is_oral").sum(),
    )
    limited = inputs.with_policy(rows.collect(), "products_max", "today")
    return {TABLE.name: limited.rename({"products_max_policy_id": "policy_id"})}


def findings(reports: Frames, sums: Frames, inputs: Inputs) -> pl.DataFrame:
    """Of public institutions: a drug in too many forms, a form of it in too many strengths, too many products of it that are
    injected or taken by mouth.
    """
    places = inputs.scan("institutions").filter(pl.col("ownership") == "public").select("institution_code")
    rows = (
        reports[TABLE.name]
        .lazy()
        .join(places, on="institution_code", how="semi")
        .with_columns(
            subject_key=pl.concat_str(_ROW, separator="|"),
            today=pl.lit(inputs.as_of),
            by_way=pl.max_horizontal("injection_products", "oral_products"),
        )
        .collect()
    )
    drug = f"{inputs.as_of.year} 年以来药品 {{}} "  # not until when: the finding is the same from night to night
    said = {
        TOO_MANY_FORMS: (
            "forms",
            "forms_max",
            pl.format(drug + "采购 {} 种剂型，上限 {} 种", "drug_code", "forms", "forms_max"),
        ),
        TOO_MANY_STRENGTHS: (
            "strengths",
            "strengths_max",
            pl.format(drug + "同一剂型采购 {} 种规格，上限 {} 种", "drug_code", "strengths", "strengths_max"),
        ),
        TOO_MANY_PRODUCTS: (
            "by_way",
            "products_max",
            pl.format(
                drug + "采购注射剂 {} 个品种、口服剂 {} 个品种，上限各 {} 个；有特殊诊疗需要的请备案说明",
                *("drug_code", "injection_products", "oral_products", "products_max"),
            ),
        ),
    }
    found = []
    for rule, (counted, limit, message) in said.items():
        limited = inputs.with_policy(rows, limit, "today")
        beyond = limited.filter(pl.col(counted) > pl.col(limit))
        found.append(make_findings(beyond, inputs, rule=rule, day="today", message=message))
    return pl.concat(found)


def wakes(changes: Changes) -> pl.DataFrame:
    """With the year another year's lines count: those of both."""
    years = {day.year for day in changes.days}
    lines = changes.now.scan("deliveries").filter(pl.col("accepted_on").dt.year().is_in(years if len(years) > 1 else []))
    return lines.select(_UNIT).collect()


INDICATOR = Indicator(
    code="catalogue_limits",
    title_zh="药品剂型与规格数量",
    clause="聊政发〔2018〕44号 三(四)3",
    version=1,
    reviewed_on=date(2026, 11, 30),
    axis="institution",
    reads=("deliveries", "returns", "institutions", "products"),
    unit=_UNIT,
    parameters=tuple(PARAMETERS),
    tables=(TABLE.name,),
    evidence=evidence,
    sums=sums,
    anew=("lines",),
    totals=totals,
    grains={"products": _ROW},
    reports=reports,
    findings=findings,
    links={"deliveries": Link(day="accepted_on"), "returns": Link(day="returned_on")},
    wakes=wakes,
)
