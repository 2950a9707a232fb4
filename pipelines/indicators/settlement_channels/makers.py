"""Which payees of an institution are manufacturers: of what it received (obligations §22)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Link, Stage
from pipelines.lines.lines import lines_of

PAIR = ["institution_code", "payee_code"]
_BOUGHT = ["institution_code", "product_code"]


def stands_for(inputs: Inputs) -> pl.DataFrame:
    """Which company is a manufacturer as soon as a product is bought, and when: its manufacturer and its holder on every day,
    who is deemed for one of these (for all of its products, or for one) while that holds. Out: `payee_code`,
    `product_code`, `since`, `until`, both included.
    """
    products = inputs.scan("products")
    makers = pl.concat(
        products.select("product_code", maker=name).drop_nulls() for name in ("manufacturer_code", "mah_code")
    ).unique()
    always = makers.select("product_code", payee_code="maker", since=pl.lit(date.min), until=pl.lit(date.max))
    deemed = inputs.scan("deemed_manufacturers").select(
        maker="manufacturer_code",
        only=pl.col("product_code").fill_null(""),
        payee_code="enterprise_code",
        since="valid_from",
        until=pl.col("valid_to").fill_null(date.max),
    )
    in_place = makers.join(deemed, on="maker").filter((pl.col("only") == "") | (pl.col("only") == pl.col("product_code")))
    columns = ("payee_code", "product_code", "since", "until")
    return pl.concat([always.select(columns), in_place.select(columns)]).unique().collect()


def asked(inputs: Inputs) -> pl.DataFrame:
    """What makes a payee of an institution a manufacturer, if it was bought: `institution_code`, `payee_code`, `product_code`,
    `since`, `until`.
    """
    companies = inputs.once(stands_for)
    payees = companies.select("payee_code").unique().lazy()
    paid = inputs.scan("payments").select(PAIR).join(payees, on="payee_code", how="semi").unique()
    return paid.join(companies.lazy(), on="payee_code").collect()


def makers(inputs: Inputs) -> pl.LazyFrame:
    """Lines of what makes one of its payees a manufacturer: `institution_code`, `payee_code`, `since`, `until`,
    `product_code`, `delivery_id`; a line stands once with each payee and span that it concerns.
    """
    wanted = inputs.once(asked)
    bought = wanted.select(_BOUGHT).unique()
    lines = lines_of(inputs.only_where("deliveries", bought)).select(*_BOUGHT, "delivery_id")
    return lines.join(wanted.lazy().with_columns(pl.col(*_BOUGHT, "payee_code").cast(pl.Categorical)), on=_BOUGHT)


def evidence(inputs: Inputs) -> Frames:
    """`bought`: what `makers` says."""
    return {"bought": makers(inputs)}


def sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`makers`: by institution, payee and span of days, in which it is a manufacturer there: how many lines say so."""
    lines = evidence["bought"].lazy().group_by(*PAIR, "since", "until").agg(rows=pl.len().cast(pl.Int64))
    return {"makers": lines.collect()}


MAKERS = Stage(
    unit=tuple(PAIR),
    yields=("makers",),
    anew=("makers",),
    evidence=evidence,
    sums=sums,
    links={
        "payments": Link(),
        "deliveries": Link({column: column for column in _BOUGHT}, to=asked, day="accepted_on"),
        "returns": Link(of="deliveries", day="returned_on"),
    },
)
