"""Which lists products are on, by the day and the place of the institution (obligations §12)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Changes, Inputs
from pipelines.lines.selected import institutions_in, within
from pipelines.lines.stretches import cut
from schemas.records.catalogue_entries import LISTS

_PRODUCT = ["scope", "product_code"]
_OF_PRODUCT = {"is_essential": "essential", "is_key_monitored": "key_monitored"}
INSURED = ("insurance_a", "insurance_b", "negotiated")


def with_lists(rows: pl.LazyFrame, inputs: Inputs, *lists: str, day: str | date = "accepted_on") -> pl.LazyFrame:
    """Say of each row, by its `institution_code` and `product_code` (categorical), which lists its product is on, on its `day` or
    on one for all: adds `is_<list>` for each of `lists` of `catalogue_entries`; `insured` is any of INSURED.

    Flags of the product count as entries of their lists for the nation, on every day. It reads `catalogue_entries`, `products`
    and `institutions`.
    """
    sure = {name: pl.any_horizontal(INSURED) if name == "insured" else pl.col(name) for name in lists}
    spans = inputs.once(_lists).lazy().select(*_PRODUCT, "since", "until", **{f"is_{n}": on for n, on in sure.items()})
    on_day = pl.col(day) if isinstance(day, str) else pl.lit(day)
    return (
        rows.join(inputs.once(_scopes).lazy(), on="institution_code")
        .join(spans, on=_PRODUCT, how="left")
        .filter(pl.col("since").is_null() | on_day.is_between("since", "until"))
        .drop("scope", "since", "until")
        .with_columns(pl.col(f"is_{name}").fill_null(False) for name in lists)
    )


def listed_on(inputs: Inputs, divisions: pl.DataFrame, *lists: str, day: date) -> pl.DataFrame:
    """Which products are on any of these lists of `catalogue_entries` on a day, for divisions (`code`) that need not be those of
    institutions, such as cities. Out: `code`, `product_code`, each pair once.
    """
    valid = pl.lit(day).is_between("since", "until")
    entries = _entries(inputs).filter(pl.col("list").is_in(lists), valid).select("prefix", listed="code").unique()
    held = divisions.join(entries, how="cross").filter(pl.col("code").str.starts_with(pl.col("prefix")))
    return held.join(_codes(inputs), on="listed").select("code", "product_code").unique()


def entries_change(changes: Changes, *lists: str) -> bool:
    """Whether an entry of one of these lists begins to hold, or ends, between two nights."""
    first, last = changes.days
    begins = (pl.col("valid_from") > first) & (pl.col("valid_from") <= last)
    ends = ((pl.col("valid_to") >= first) & (pl.col("valid_to") < last)).fill_null(False)
    entries = changes.now.scan("catalogue_entries").filter(pl.col("list").is_in(lists), begins | ends)
    return not entries.collect().is_empty()


def _codes(inputs: Inputs) -> pl.DataFrame:
    """Under which codes a product may be `listed`: its own, and its generic's."""
    products = inputs.scan("products").select("product_code", "generic_code").collect()
    return pl.concat([products.select("product_code", listed=c) for c in ("product_code", "generic_code")]).unique()


def _scopes(inputs: Inputs) -> pl.DataFrame:
    return institutions_in(inputs, _entries(inputs).select("prefix").unique())


def _entries(inputs: Inputs) -> pl.DataFrame:
    """Every entry, and what products say themselves: `list`, `code`, `prefix`, `since`, `until`."""
    entries = inputs.scan("catalogue_entries").select(
        "list", "code", prefix="jurisdiction_code", since="valid_from", until=pl.col("valid_to").fill_null(date.max)
    )
    always = {"prefix": pl.lit(""), "since": pl.lit(date.min), "until": pl.lit(date.max)}
    products = inputs.scan("products")
    flags = [
        products.filter(flag).select(list=pl.lit(name), code="product_code", **always) for flag, name in _OF_PRODUCT.items()
    ]
    return pl.concat([entries, *flags]).collect()


def _lists(inputs: Inputs) -> pl.DataFrame:
    """All of time of each product in each scope that any entry concerns, cut where its lists change: `scope`, `product_code`
    (categorical), `since`, `until`, and a flag for each list.
    """
    entries = _entries(inputs).join(_codes(inputs), left_on="code", right_on="listed")
    scopes = inputs.once(_scopes).select(pl.col("scope").cast(pl.String)).unique()
    held = within(entries, scopes).with_columns(pl.col(_PRODUCT).cast(pl.Categorical))
    return cut({name: held.filter(pl.col("list") == name) for name in LISTS}, _PRODUCT)
