"""Products by generic and route: what is the same medicine, whoever makes it (obligations §12)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from schemas.records.products import head_of_code

GENERIC = ["generic_code", "route"]
"""Two products of the same are of the same generic."""


def products_of(inputs: Inputs) -> pl.DataFrame:
    """Out: `product_code`, `kind`, `generic_code`, `special_category`, `evaluation`, `route` (`injection` where the dosage form
    contains 注射, else `other`), categorical; `units_per_pack` (10⁻⁴).
    """
    is_injection = folded(pl.col("dosage_form")).str.contains("注射", literal=True).fill_null(False)
    route = pl.when(is_injection).then(pl.lit("injection")).otherwise(pl.lit("other"))
    codes = pl.col("product_code", "kind", "generic_code", "special_category", "evaluation")
    return (
        inputs.scan("products")
        .select(codes.cast(pl.Categorical), route=route.cast(pl.Categorical), units_per_pack=scaled("units_per_pack"))
        .collect()
    )


def drug_codes_of(inputs: Inputs) -> pl.DataFrame:
    """The drug code of every product: the head of its code where that is a western or Chinese patent drug's, else its generic.
    Out: `product_code`, `drug_code` (categorical).
    """
    head, code = head_of_code(), pl.col("product_code")
    found = pl.when(head != code).then(head).otherwise("generic_code")
    return inputs.scan("products").select(code.cast(pl.Categorical), drug_code=found.cast(pl.Categorical)).collect()


def folded(text: pl.Expr) -> pl.Expr:
    """Text as it is compared: NFKC, without spaces, in upper case."""
    return text.str.normalize("NFKC").str.replace_all(r"\s", "").str.to_uppercase()
