"""What suppliers of a lot wait for: overdue payables of an institution whose product the lot selected (obligations §15)."""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.engine.indicator import Inputs


def waiting_of(groups: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """The overdue payables of the institutions of groups, for each lot that had selected the product on acceptance.

    Out: `institution_code`, `lot_code`, `delivery_id`, `distributor_code`, `product_code`, `accepted_on`,
    `supplier_overdue_fen`.
    """
    lots = groups.lazy().select("institution_code", "lot_code").unique()
    products = inputs.scan("products").select("product_code")
    selections = inputs.scan("selections").join(products, on="product_code", how="semi")
    payable = ["institution_code", "lot_code", "delivery_id"]
    return (
        inputs.scan("payment.unpaid")
        .filter(pl.col("overdue") > 0)
        .select(
            "institution_code", "delivery_id", "distributor_code", "product_code", "accepted_on", supplier_overdue_fen="overdue"
        )
        .join(lots.select("institution_code").unique(), on="institution_code", how="semi")
        .join(selections.select("lot_code", "product_code", "valid_from", "valid_to"), on="product_code")
        .filter(pl.col("accepted_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .drop("valid_from", "valid_to")
        .unique(payable)
        .join(lots, on=["institution_code", "lot_code"], how="semi")
        .collect()
    )
