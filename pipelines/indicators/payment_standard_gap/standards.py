"""Payment standards beside the prices that hold where they do, as both are at as_of (obligations §30)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.figures import quotient_of, round_half_up, scaled
from pipelines.engine.indicator import Changes, Frames, Inputs, Link, Stage
from pipelines.lines.estimated import METHODS, estimates_of, latest_estimate
from pipelines.lines.expected import ordered
from pipelines.lines.products import GENERIC, products_of
from pipelines.lines.selected import selections_in

BASES = ("selected", "estimated", "same_generic")
METHOD = "pack_price_method"
KEY = ["jurisdiction_code", "product_code"]
_PLACE = ["scope", "product_code"]


def evidence(inputs: Inputs) -> Frames:
    """`prices`: one row per place and product with a standard valid at as_of and a price to hold it against, both 10⁻⁴ yuan, with
    its `basis`. `standards` (lazy): the same in yuan, with file, sheet and line.
    """
    standards = _in_force(inputs)
    selections = selections_in(inputs, standards.select(scope="jurisdiction_code").unique())
    today = selections.filter(pl.lit(inputs.as_of).is_between("since", "until"))
    found = standards.with_columns(pl.col(KEY).cast(pl.Categorical).name.map(lambda name: f"_{name}"))
    prices = {
        "selected": _selected(today),
        "estimated": _estimated(today, inputs),
        "same_generic": _same_generic(today, inputs),
    }
    for rows in prices.values():
        found = found.join(rows, left_on=[f"_{name}" for name in KEY], right_on=_PLACE, how="left")
    found = inputs.with_policy(found.with_columns(today=pl.lit(inputs.as_of)), METHOD, "today")
    method = pl.col(METHOD)
    found = found.with_columns(estimated=pl.when(method == "ratio").then("ratio").when(method == "unit").then("unit"))
    basis = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in BASES)
    rows = found.with_columns(basis=basis, price=pl.coalesce(BASES)).filter(pl.col("price").is_not_null())
    yuan = (quotient_of(c, pl.lit(10**4, pl.Int64)).alias(c) for c in ("standard", "price"))
    return {
        "prices": rows.select(*KEY, "basis", "standard", "price"),
        "standards": rows.lazy().select(*KEY, "basis", *yuan, "_file", "_sheet", "_line"),
    }


def _in_force(inputs: Inputs) -> pl.DataFrame:
    """The standards valid at as_of, of a place and product the one valid latest; all of them in the first part, for no part
    holds them together.
    """
    today = pl.lit(inputs.as_of)
    return (
        inputs.scan("reference_prices")
        .filter(pl.lit(inputs.part == 0), pl.col("kind") == "payment_standard", pl.col("valid_from") <= today)
        .filter(pl.col("valid_to").is_null() | (pl.col("valid_to") >= today))
        .with_columns(pl.col("jurisdiction_code").fill_null(""), standard=scaled("price").cast(pl.Int64))
        .sort("valid_from")
        .unique(KEY, keep="last", maintain_order=True)
        .select(*KEY, "standard", "_file", "_sheet", "_line")
        .collect()
    )


def _selected(today: pl.DataFrame) -> pl.DataFrame:
    first = ordered(today).sort("order").unique(_PLACE, keep="first", maintain_order=True)
    return first.select(*_PLACE, selected="price")


def _estimated(today: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    made = {method: latest_estimate(method, "since") for method in METHODS}
    return estimates_of(today, inputs).group_by(_PLACE).agg(**made)


def _same_generic(today: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The lowest of what a pack costs by the prices of a minimum unit of all that is selected of its generic and route."""
    products = inputs.once(products_of).select("product_code", *GENERIC, "units_per_pack")
    own = products.rename({"units_per_pack": "own_units"})
    selected = today.join(products, on="product_code").drop("product_code").join(own, on=GENERIC)
    price = round_half_up(pl.col("price").cast(pl.Int128) * pl.col("own_units"), pl.col("units_per_pack"))
    return selected.group_by(_PLACE).agg(same_generic=price.min())


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`standards`: one row per place and product."""
    rows = evidence["prices"].lazy().select(*KEY, "basis", "standard", "price", rows=pl.lit(1, pl.Int64))
    return {"standards": rows.sort(KEY).collect()}


def _wakes(changes: Changes) -> pl.DataFrame:
    """All standards: they are few, and any of them may be held against another selection on another day."""
    return changes.now.scan("reference_prices").filter(pl.col("kind") == "payment_standard").select(KEY).unique().collect()


def _generics(inputs: Inputs) -> pl.DataFrame:
    return inputs.once(products_of).select(*GENERIC, selected_code="product_code")


def _products(inputs: Inputs) -> pl.DataFrame:
    return inputs.once(products_of).select(pl.col("product_code").cast(pl.String), *GENERIC)


def _standards(inputs: Inputs) -> pl.LazyFrame:
    return inputs.scan("reference_prices").filter(pl.col("kind") == "payment_standard").select(KEY).unique()


STANDARDS = Stage(
    unit=tuple(KEY),
    evidence=evidence,
    sums=sums,
    links={
        "reference_prices": Link(where=pl.col("kind") == "payment_standard"),
        "selections": Link({"selected_code": "product_code"}, to=(_generics, _products, _standards), is_whole=True),
    },
    wakes=_wakes,
    share=1.0,
    yields=("standards",),
)
