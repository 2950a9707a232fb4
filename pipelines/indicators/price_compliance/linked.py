"""Which lines a selection, a listing or a commitment can move: those of its product, and of packs that are estimated by it.

That all records of these kinds are read whatever lines are computed costs less than finding out which are needed.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frame, Inputs, Link
from pipelines.lines.expected import ITEM, disputed_items
from pipelines.lines.families import counted_for
from pipelines.lines.products import GENERIC, products_of

_LINE = ("institution_code", "delivery_id", "product_code")


def _generics(inputs: Inputs) -> pl.DataFrame:
    """`selected_code`, and its generic and route."""
    return inputs.once(products_of).select(*GENERIC, selected_code="product_code")


def _products(inputs: Inputs) -> pl.DataFrame:
    return inputs.once(products_of).select("product_code", *GENERIC)


def _lines(inputs: Inputs) -> pl.LazyFrame:
    """The units of lines as sums have them, in text."""
    return inputs.scan("deliveries").select(_LINE).with_columns(pl.col("product_code").cast(pl.Categorical))


def _disputed_lines(inputs: Inputs) -> Frame:
    """The lines of products for which a commitment may say which of several selections counts."""
    products = inputs.once(disputed_items).select("product_code").unique()
    return _lines(inputs).join(products.lazy(), on="product_code", how="semi")


OF_SIBLINGS = Link({"selected_code": "product_code"}, to=(_generics, _products, _lines), is_whole=True)
OF_PRODUCT = Link({"product_code": "product_code"}, to=_lines, where=pl.col("kind") == "listing", is_whole=True)
COMMITTED = Link(
    {"committed_code": "institution_code", **{column: column for column in ITEM}},
    to=(counted_for, disputed_items, _disputed_lines),
    is_whole=True,
)
