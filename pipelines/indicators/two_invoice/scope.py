"""Scope: which institution a line was sold to, whether the two-invoice system covers it, and what policy says of it
(rulebook §6).
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.engine.order import look_up

POLICIES = (
    "two_invoice_ownerships",
    "two_invoice_categories",
    "two_invoice_exempt_categories",
    "two_invoice_group_transfer",
    "two_invoice_remote_extra",
)
_PLACE = ["jurisdiction_code", "ownership"]
_KIND = ["kind", "special_category"]


def with_buyers(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Add `institution_code` (categorical; the buyer by its code or its USCC) and `is_company`.

    In: `buyer_code`, categorical. Of institutions that share a USCC the one without a parent owns the
    invoice, then the lowest code.
    """
    places = inputs.scan("institutions").select("institution_code", "uscc", "parent_institution_code").collect()
    by_code = places.select(buyer_code="institution_code", institution_code="institution_code")
    by_uscc = (
        places.drop_nulls("uscc")
        .sort(pl.col("parent_institution_code").is_not_null(), "institution_code")
        .unique("uscc", keep="first", maintain_order=True)
        .select(buyer_code="uscc", institution_code="institution_code")
    )
    buyers = pl.concat([by_code, by_uscc]).unique("buyer_code", keep="first", maintain_order=True).cast(pl.Categorical)
    return look_up(lines, buyers, ["buyer_code"]).with_columns(is_company=pl.col("institution_code").is_null())


def in_scope(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Public institutions buying drugs, as policy says on the day of issue.

    In: hospital lines with `institution_code` and `product_code` (categorical), `issued_on`. Out: those in
    scope, with `jurisdiction_code`, `is_remote`, `month` of issue, `is_exempt_category`, and what policy says of
    group transfers and remote places, each with its policy row. Policy is asked once for each division, day
    and kind of buyer and product.
    """
    places, place_kinds = _number(inputs, "institutions", _PLACE, "place", ["institution_code", "is_remote"])
    products, kinds = _number(inputs, "products", _KIND, "kind_no", ["product_code"])
    day = pl.col("issued_on").to_physical().cast(pl.Int64)
    case = ((pl.col("place") * kinds.height + pl.col("kind_no")) * 2**20 + day).alias("case")
    lines = look_up(look_up(lines, places, ["institution_code"]), products, ["product_code"]).with_columns(case)
    cases = lines.select("case", "place", "kind_no", "issued_on").unique("case")
    terms = _find_terms(cases.join(place_kinds, on="place").join(kinds, on="kind_no"), inputs)
    is_in = look_up(lines.select("case"), terms.select("case", is_in=True), ["case"])["is_in"]
    inside = lines.drop("place", "kind_no").filter(is_in.fill_null(False))
    return look_up(inside, terms, ["case"]).drop("case")


def _number(inputs: Inputs, dataset: str, by: list[str], number: str, kept: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Each row's kind as a number beside the columns that are kept, and the kinds by number."""
    rows = inputs.scan(dataset).select(*kept, *by).collect()
    kinds = rows.select(by).unique().with_row_index(number).with_columns(pl.col(number).cast(pl.Int64))
    numbered = look_up(rows, kinds, by).drop(by)
    return numbered.with_columns(pl.col(kept[0]).cast(pl.Categorical)), kinds


def _find_terms(cases: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says in each case that is covered."""
    for parameter in POLICIES:
        cases = inputs.with_policy(cases, parameter, "issued_on")
    belongs = {"two_invoice_ownerships": "ownership", "two_invoice_categories": "kind"}
    covered = cases.filter(pl.col(value).is_in(pl.col(allowed)) for allowed, value in belongs.items())
    return covered.select(
        "case",
        pl.col("jurisdiction_code", "^.*_policy_id$").cast(pl.Categorical),
        "two_invoice_group_transfer",
        "two_invoice_remote_extra",
        is_exempt_category=pl.col("special_category").is_in(pl.col("two_invoice_exempt_categories")),
        month=pl.col("issued_on").dt.strftime("%Y-%m").cast(pl.Categorical),
    )
