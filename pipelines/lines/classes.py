"""What the lines of a drug are beside what was selected on their day: W, N or S of a generic and route (obligations §16).

Classes are found for each product and scope, and for stretches of days on which they are the same; a line looks its own up.
"""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.products import GENERIC, products_of
from pipelines.lines.selected import scopes_of, selections_of
from pipelines.lines.stretches import cut, merged

_PRODUCT = ["scope", "product_code"]


def with_use(lines: pl.LazyFrame, inputs: Inputs, *, day: str = "accepted_on") -> pl.LazyFrame:
    """Say of each line, by its `institution_code` and `product_code` (categorical), what it is on its `day`.

    Adds `is_selected` (whatever kind of product it is), and of a drug's line `use`: `selected` (W), `non_selected` (N, where
    another of its generic and route is selected), else null; and `is_substitute`: whether it is S of any other generic and
    route. A line of none of the three is O.
    """
    return (
        lines.join(inputs.once(scopes_of).lazy(), on="institution_code")
        .join(inputs.once(_uses).lazy(), on=_PRODUCT, how="left")
        .filter(pl.col("since").is_null() | pl.col(day).is_between("since", "until"))
        .drop("scope", "since", "until")
        .with_columns(pl.col("is_selected", "is_substitute").fill_null(False))
    )


def by_generic(lines: pl.LazyFrame, inputs: Inputs) -> pl.LazyFrame:
    """The drug lines that are W, N or S on their day, once for each `generic_code` and `route` that they are so of: these take
    the place of their own. Adds `use`: `selected`, `non_selected`, `substitute`.
    """
    return (
        lines.drop(GENERIC, strict=False)
        .join(inputs.once(scopes_of).lazy(), on="institution_code")
        .join(inputs.once(classes_of).lazy(), on=_PRODUCT)
        .filter(pl.col("accepted_on").is_between("since", "until"))
        .drop("scope", "since", "until")
    )


def classes_of(inputs: Inputs) -> pl.DataFrame:
    """When a drug is W or N of its own generic and route, or S of another: `scope`, `product_code`, `generic_code`, `route`,
    `use`, `since`, `until`; of one product, generic and route no day stands twice.
    """
    drugs = inputs.once(products_of).select("product_code", *GENERIC)
    own = inputs.once(_uses).filter(pl.col("use").is_not_null()).join(drugs, on="product_code")
    found = merged(own, [*_PRODUCT, *GENERIC, "use"])
    others = inputs.once(_stand_ins).with_columns(use=pl.lit("substitute").cast(pl.Categorical))
    return pl.concat([found, others.select(found.columns)])


def _uses(inputs: Inputs) -> pl.DataFrame:
    """All of time of each product in each scope that anything selected concerns, cut where that changes. Out: `scope`,
    `product_code`, `since`, `until`, `is_selected`, `use`, `is_substitute`.
    """
    products, selections = inputs.once(products_of).select("product_code", "kind", *GENERIC), inputs.once(selections_of)
    drugs = products.filter(pl.col("kind") == "drug").select("product_code", *GENERIC)
    of_generic = selections.join(products, on="product_code").select("scope", *GENERIC, "since", "until")
    alike = merged(of_generic, ["scope", *GENERIC]).join(drugs, on=GENERIC)
    found = cut({"own": selections, "alike": alike, "stands_in": inputs.once(_stand_ins)}, _PRODUCT)
    use = pl.when(pl.col("alike") & pl.col("own")).then(pl.lit("selected")).when("alike").then(pl.lit("non_selected"))
    return found.select(*_PRODUCT, "since", "until", is_selected="own", use=use.cast(pl.Categorical), is_substitute="stands_in")


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
