"""Lines of some companies: what they delivered, and what is of their products (obligations §24)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.lines import lines_of

_LINE = ["institution_code", "delivery_id"]


def lines_of_companies(inputs: Inputs, companies: pl.DataFrame, where: pl.Expr | None = None) -> pl.LazyFrame:
    """The lines of `companies` (`enterprise_code`), once for each of them and each role that it has.

    Out: `institution_code`, `delivery_id`, `enterprise_code`, `role`: `distributor`, or `manufacturer` for who makes or holds
    the product (these categorical but for the delivery); `ordered_on`, `accepted_on`, `value_fen`. Of deliveries that meet
    `where`.
    """
    is_wanted = is_of(inputs, companies) if where is None else is_of(inputs, companies) & where
    columns = (*_LINE, "distributor_code", "product_code", "ordered_on", "accepted_on", "value_fen")
    lines = lines_of(inputs, where=is_wanted).select(columns).collect(engine="streaming").lazy()
    codes = pl.all().cast(pl.Categorical)
    makers = _products_of(inputs, companies).with_columns(codes, role=_role("manufacturer"))
    distributors = companies.select(distributor_code="enterprise_code", enterprise_code="enterprise_code")
    roles = (
        lines.join(distributors.with_columns(codes, role=_role("distributor")).lazy(), on="distributor_code"),
        lines.join(makers.lazy(), on="product_code"),
    )
    out = (*_LINE, "enterprise_code", "role", "ordered_on", "accepted_on", "value_fen")
    return pl.concat([rows.select(out) for rows in roles])


def is_of(inputs: Inputs, companies: pl.DataFrame) -> pl.Expr:
    """Whether a delivery is by one of the companies, or of a product of one: its makers and holders."""
    products = _products_of(inputs, companies)["product_code"].unique()
    return pl.col("distributor_code").is_in(companies["enterprise_code"].implode()) | pl.col("product_code").is_in(
        products.implode()
    )


def _products_of(inputs: Inputs, companies: pl.DataFrame) -> pl.DataFrame:
    """What these companies make or hold, each once: `product_code`, `enterprise_code`."""
    products = inputs.scan("products")
    sides = [products.select("product_code", enterprise_code=c) for c in ("manufacturer_code", "mah_code")]
    return pl.concat(sides).join(companies.lazy(), on="enterprise_code", how="semi").unique().collect()


def _role(name: str) -> pl.Expr:
    return pl.lit(name).cast(pl.Categorical)
