"""What a pack should cost at most: its selected price, else one estimated from a selected pack of another size, else what it is
listed at (obligations §25). Prices are integers of 10⁻⁴ yuan.

They are found for each product and scope, and for stretches of days on which they are the same; a line looks its own up.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.figures import scaled
from pipelines.engine.indicator import Inputs
from pipelines.lines.commitments import commitments_of
from pipelines.lines.estimated import METHODS, estimates_of, latest_estimate
from pipelines.lines.families import counted_for
from pipelines.lines.selected import institutions_in, lot_prefixes, selections_in, within
from pipelines.lines.stretches import overlaid

BASES = ("selected", "estimated", "listing")
ITEM = ["lot_code", "item_code"]
_PRODUCT = ["scope", "product_code"]
_LINE = ["institution_code", "delivery_id"]


def with_expected(lines: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Say of each line what its pack should have cost where its institution is, on `ordered_on`.

    In: lines by `institution_code`, `product_code` (categorical) and `delivery_id`, with `pack_price_method`. Adds `basis` (of
    BASES) and `expected`, both null where nothing says it. Lines come in the order of `ordered_on`.
    """
    found = (
        lines.lazy()
        .join(inputs.once(priced_scopes).lazy(), on="institution_code")
        .sort("ordered_on")
        .join_asof(inputs.once(_expected).lazy(), left_on="ordered_on", right_on="since", by=_PRODUCT, check_sortedness=False)
        .join(inputs.once(_listing_prices).lazy(), on="product_code", how="left", maintain_order="left")
        .collect()
    )
    method = pl.col("pack_price_method")
    prices: dict[str, pl.Expr | pl.Series] = {
        "selected": _as_committed(found, inputs),
        "estimated": pl.when(method == "ratio").then("ratio").when(method == "unit").then("unit"),
        "listing": pl.coalesce("listing", "listing_price"),
    }
    found = found.with_columns(**prices)
    bases = (pl.when(pl.col(name).is_not_null()).then(pl.lit(name, pl.Enum(BASES))) for name in BASES)
    return found.select(*lines.columns, basis=pl.coalesce(bases), expected=pl.coalesce(BASES))


def priced_scopes(inputs: Inputs) -> pl.DataFrame:
    """The scope of every institution among the places that lots and listings hold for (`institutions_in`)."""
    placed = _listings(inputs).select("prefix").collect()
    return institutions_in(inputs, pl.concat([lot_prefixes(inputs).select("prefix"), placed]).unique())


def selections_here(inputs: Inputs) -> pl.DataFrame:
    """`selections_in` the scopes of institutions, with their `order`: where several of a product hold and no commitment says
    which, it is the first, of those valid latest the one with the lowest lot and item.
    """
    return ordered(selections_in(inputs, _scopes(inputs)))


def ordered(selections: pl.DataFrame) -> pl.DataFrame:
    """Rows of `selections_in` in their `order`."""
    by = [pl.col("since"), *(pl.col(c).cast(pl.String) for c in ITEM)]
    return selections.sort(by, descending=[True, False, False]).with_row_index("order")


def committed_items(inputs: Inputs) -> pl.LazyFrame:
    """Commitments of any target and status, once for each institution that they count for: `institution_code`, `lot_code`,
    `item_code` (categorical), `commitment_id`, `period_start`, and `period_end` as it stands at as_of.
    """
    codes = pl.col("institution_code", *ITEM).cast(pl.Categorical)
    own = commitments_of(inputs).select("commitment_id", codes, "period_start", "period_end")
    own = own.rename({"institution_code": "committed_code"})
    return own.join(inputs.once(counted_for).lazy(), on="committed_code").drop("committed_code")


def disputed_items(inputs: Inputs) -> pl.DataFrame:
    """Products selected at several prices at once somewhere, with all their lots and items: commitments of these alone say what a
    pack should cost. Out: `product_code`, `lot_code`, `item_code` (categorical).
    """
    disputed = inputs.once(_expected).filter("is_disputed").select("product_code").unique()
    return inputs.once(selections_here).select("product_code", *ITEM).unique().join(disputed, on="product_code")


def _as_committed(lines: pl.DataFrame, inputs: Inputs) -> pl.Series:
    """The selected price of each line: where several hold, that of a lot and item for which its institution or the head of its
    family has a commitment that runs on the day.
    """
    disputed = lines.filter("is_disputed").select(*_LINE, *_PRODUCT, "ordered_on")
    if disputed.is_empty():
        return lines["selected"]
    day, key = pl.col("ordered_on"), [*_LINE, *ITEM]
    held = disputed.join(inputs.once(selections_here), on=_PRODUCT).filter(day.is_between("since", "until"))
    agreed = committed_items(inputs).join(held.lazy(), on=["institution_code", *ITEM])
    agreed = agreed.filter(day.is_between("period_start", "period_end")).select(*key, is_agreed=True).unique()
    known = held.join(agreed.collect(), on=key, how="left")
    first = pl.col("price").sort_by(pl.col("is_agreed").fill_null(False).not_(), "order").first()
    own = known.group_by(_LINE).agg(own=first)
    return lines.join(own, on=_LINE, how="left", maintain_order="left").select(pl.coalesce("own", "selected")).to_series()


def _scopes(inputs: Inputs) -> pl.DataFrame:
    return inputs.once(priced_scopes).select(pl.col("scope").cast(pl.String)).unique()


def listings_here(inputs: Inputs) -> pl.DataFrame:
    """Prices at which products are listed in each scope: `scope`, `product_code` (categorical), `prefix`, `since`, `until`,
    `price`, and their `order`: of those that hold the first counts, of the longest prefix the one valid latest.
    """
    held = within(_listings(inputs).collect(), _scopes(inputs)).with_columns(pl.col(_PRODUCT).cast(pl.Categorical))
    return held.sort(pl.col("prefix").str.len_bytes(), "since", descending=True).with_row_index("order")


def _listings(inputs: Inputs) -> pl.LazyFrame:
    return (
        inputs.scan("reference_prices")
        .filter(pl.col("kind") == "listing")
        .select(
            "product_code",
            prefix=pl.col("jurisdiction_code").fill_null(""),
            since="valid_from",
            until=pl.col("valid_to").fill_null(date.max),
            price=scaled("price").cast(pl.Int64),
        )
    )


def _listing_prices(inputs: Inputs) -> pl.DataFrame:
    """What products say of their own listing, on any day and anywhere: `product_code`, `listing_price`, above 0."""
    price = scaled("listing_price").cast(pl.Int64)
    products = inputs.scan("products").select(pl.col("product_code").cast(pl.Categorical), listing_price=price)
    return products.filter(pl.col("listing_price") > 0).collect()


def _expected(inputs: Inputs) -> pl.DataFrame:
    """All of time of each product in each scope that a selection or a listing concerns, from `since` on: `selected`, the price of
    the first selection; `is_disputed`, whether others have another; `ratio` and `unit`, what is estimated by each method;
    `listing`. In the order of `since`.
    """
    selections, listings = inputs.once(selections_here), inputs.once(listings_here)
    span = [*_PRODUCT, "since", "until"]
    rows = [
        selections.select(*span, selected="order", price="price"),
        estimates_of(selections, inputs).select(*span, *METHODS, began="since"),
        listings.select(*span, listing="order"),
    ]
    made = {
        **{name: pl.col(name).min() for name in ("selected", "listing")},
        **{method: latest_estimate(method, "began") for method in METHODS},
        "is_disputed": pl.col("price").drop_nulls().n_unique() > 1,
    }
    prices = {"selected": selections, "listing": listings}
    found = overlaid(pl.concat(rows, how="diagonal"), _PRODUCT, made).sort("since")
    return found.with_columns(pl.lit(first["price"]).gather(pl.col(name)).alias(name) for name, first in prices.items())
