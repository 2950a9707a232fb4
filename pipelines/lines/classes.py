"""What the lines of a drug are beside what was selected on their day: W, N or S of a generic and route (obligations §16).

Classes are found for each product and scope, and for stretches of days on which they are the same; a line looks its own up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import GENERIC, products_of
from pipelines.lines.selected import scopes_of, selections_of

_PRODUCT = ["scope", "product_code"]
_DAY = timedelta(days=1)


def with_use(lines: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """Say of each line, by its `institution_code`, `product_code` (categorical) and `accepted_on`, what it is on its day.

    Adds `is_selected` (whatever kind of product it is), and of a drug's line `use`: `selected` (W), `non_selected` (N, where
    another of its generic and route is selected), else null; and `is_substitute`: whether it is S of any other generic and
    route. A line of none of the three is O.
    """
    return (
        lines.join(inputs.once(scopes_of).lazy(), on="institution_code")
        .join(inputs.once(_uses).lazy(), on=_PRODUCT, how="left")
        .filter(pl.col("since").is_null() | pl.col("accepted_on").is_between("since", "until"))
        .drop("scope", "since", "until")
        .with_columns(pl.col("is_selected", "is_substitute").fill_null(False))
    )


def as_substitutes(lines: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """The drug lines that are S on their day, once for each `generic_code` and `route` that they are S of: these take the
    place of their own.
    """
    return (
        lines.drop(GENERIC, strict=False)
        .join(inputs.once(scopes_of).lazy(), on="institution_code")
        .join(inputs.once(_stand_ins).lazy(), on=_PRODUCT)
        .filter(pl.col("accepted_on").is_between("since", "until"))
        .drop("scope", "since", "until")
    )


def _uses(inputs: Inputs) -> pl.DataFrame:
    """All of time of each product in each scope that anything selected concerns, cut where that changes. Out: `scope`,
    `product_code`, `since`, `until`, `is_selected`, `use`, `is_substitute`.
    """
    products, selections = inputs.once(products_of).select("product_code", "kind", *GENERIC), inputs.once(selections_of)
    span = ["since", "until"]
    own = selections.select(*_PRODUCT, *span, what=pl.lit("own"))
    drugs = products.filter(pl.col("kind") == "drug").select("product_code", *GENERIC)
    of_generic = selections.join(products, on="product_code").select("scope", *GENERIC, *span)
    alike = merged(of_generic, ["scope", *GENERIC]).join(drugs, on=GENERIC).select(*_PRODUCT, *span, what=pl.lit("alike"))
    stands_in = inputs.once(_stand_ins).select(*_PRODUCT, *span, what=pl.lit("stands_in"))
    spans = pl.concat([own, alike, stands_in])
    ends = spans.filter(pl.col("until") < date.max).select(*_PRODUCT, since=pl.col("until") + _DAY)
    cuts = pl.concat([spans.select(*_PRODUCT, "since"), ends, spans.select(*_PRODUCT, since=pl.lit(date.min))]).unique()
    holds = {what: (pl.col("what") == what).any().alias(what) for what in ("own", "alike", "stands_in")}
    held = (
        cuts.join(spans.rename({"since": "from"}), on=_PRODUCT)
        .filter(pl.col("since").is_between("from", "until"))
        .group_by(*_PRODUCT, "since")
        .agg(holds.values())
    )
    found = cuts.join(held, on=[*_PRODUCT, "since"], how="left").with_columns(pl.col(*holds).fill_null(False))
    found = found.sort(*_PRODUCT, "since")
    is_new = pl.any_horizontal((pl.col(c) != pl.col(c).shift(1).over(_PRODUCT)).fill_null(True) for c in holds)
    found = found.filter(is_new).with_columns(until=(pl.col("since").shift(-1).over(_PRODUCT) - _DAY).fill_null(date.max))
    use = pl.when(pl.col("alike") & pl.col("own")).then(pl.lit("selected")).when("alike").then(pl.lit("non_selected"))
    return found.select(*_PRODUCT, *span, is_selected="own", use=use.cast(pl.Categorical), is_substitute="stands_in")


def _stand_ins(inputs: Inputs) -> pl.DataFrame:
    """When a drug stands in for another generic and route: `scope`, `product_code`, `generic_code`, `route`, `since`, `until`;
    of one of these no two stretches meet.
    """
    products = inputs.once(products_of)
    named = inputs.scan("substitutes").select(pl.col("lot_code", "item_code", "product_code").cast(pl.Categorical)).collect()
    drugs = products.filter(pl.col("kind") == "drug").select("product_code", own_code="generic_code", own_route="route")
    placed = ["scope", "lot_code", "item_code", *GENERIC, "since", "until"]
    selected = inputs.once(selections_of).join(products, on="product_code").select(placed)
    met = named.join(drugs, on="product_code").join(selected, on=["lot_code", "item_code"])
    is_other = (pl.col("generic_code") != pl.col("own_code")) | (pl.col("route") != pl.col("own_route"))
    return merged(met.filter(is_other), [*_PRODUCT, *GENERIC])


def merged(spans: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The days of spans (`since` … `until`, both included) of the same `by`, in as few as there are stretches: `by`, `since`,
    `until`.
    """
    rows = spans.select(*by, "since", "until").sort(*by, "since")
    reached = pl.col("until").cum_max().over(by).shift(1).over(by)
    begins = (pl.col("since") > reached + _DAY).fill_null(True)
    stretches = rows.with_columns(stretch=begins.cum_sum()).group_by(*by, "stretch")
    return stretches.agg(pl.col("since").min(), pl.col("until").max()).drop("stretch")
