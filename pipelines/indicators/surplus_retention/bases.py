"""Bases of surplus, and what stands against each: what was agreed, and what was bought beside it (obligations §28)."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Inputs
from pipelines.lines.classes import with_use
from pipelines.lines.lines import lines_of
from pipelines.lines.products import GENERIC, products_of

BASE = ("institution_code", "lot_code", "item_code", "period_start")
COMMITMENTS = "agreed_volume.commitments"
_ITEM = ["lot_code", "item_code"]
_PAIR = ["institution_code", "product_code"]


def bases_of(inputs: Inputs) -> pl.LazyFrame:
    """The bases whose period is over, of institutions and lots that stand: the record's columns, and `jurisdiction_code`."""
    places = inputs.scan("institutions").select("institution_code", "jurisdiction_code")
    return (
        inputs.own(inputs.scan("surplus_bases"))
        .filter(pl.col("period_end") < inputs.as_of)
        .join(places, on="institution_code")
        .join(inputs.scan("lots").select("lot_code"), on="lot_code", how="semi")
    )


def commitments_of(inputs: Inputs) -> pl.LazyFrame:
    """The commitments of each base, of a quantity at least, not cancelled, of a product that stands or of none.

    Out: BASE, `commitment_id`, `period_end`, `status`, `agreed_fen`, null where no selected price says what it is worth.
    """
    products = inputs.scan("products").select("product_code")
    own = inputs.scan(COMMITMENTS).filter(pl.col("status") != "cancelled")
    stands = [own.filter(pl.col("product_code").is_null()), own.join(products, on="product_code", how="semi")]
    columns = (*BASE, "commitment_id", "period_end", "status", "agreed_fen")
    return pl.concat(rows.select(columns) for rows in stands).join(bases_of(inputs), on=BASE, how="semi")


def asked(inputs: Inputs) -> pl.LazyFrame:
    """Whose lines of which products may stand against a base: those of the generics and routes that are selected for its lot
    and item, wherever, on its first day. Out: BASE, `product_code`; one may stand twice.
    """
    bases = inputs.scan("surplus_bases").select(BASE)
    selections = inputs.scan("selections").select(*_ITEM, "product_code", "valid_from", "valid_to")
    products = inputs.once(products_of).lazy().select(pl.col("product_code", "kind", *GENERIC).cast(pl.String))
    selected = (
        bases.join(selections, on=_ITEM)
        .filter(pl.col("valid_from") <= pl.col("period_start"), (pl.col("valid_to") >= pl.col("period_start")).fill_null(True))
        .join(products, on="product_code")
    )
    drugs = products.filter(pl.col("kind") == "drug").select("product_code", *GENERIC)
    return selected.select(*BASE, *GENERIC).join(drugs, on=GENERIC).select(*BASE, "product_code")


def non_selected(inputs: Inputs) -> pl.LazyFrame:
    """The lines of class N (obligations §16) of the period of each base. Out: BASE, `delivery_id`, `product_code`,
    `accepted_on`, `value_fen`, and the place of the delivery. A line stands once with each base that it falls into.
    """
    periods = bases_of(inputs).select(*BASE, "period_end")
    wanted = asked(inputs).unique().join(periods, on=BASE).collect()
    claims = wanted.lazy().with_columns(pl.col(_PAIR).cast(pl.Categorical))
    lines = lines_of(inputs.only_where("deliveries", wanted.select(_PAIR).unique()))
    met = with_use(lines, inputs).filter(pl.col("use") == "non_selected").join(claims, on=_PAIR)
    columns = (*BASE, "delivery_id", "product_code", "accepted_on", "value_fen", "_file", "_sheet", "_line")
    found = met.filter(pl.col("accepted_on").is_between("period_start", "period_end"))
    return found.select(columns).with_columns(pl.col(_PAIR).cast(pl.String))
