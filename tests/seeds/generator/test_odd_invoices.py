"""A few invoices do not go together with others: each in its own way, and none of them a hospital's purchase."""

import polars as pl

INVOICE = ["invoice_code", "invoice_no"]


def test_some_numbers_are_used_again_by_another_seller(zone):
    sellers = zone.accepted["invoices"].group_by(INVOICE).agg(pl.col("seller_code").n_unique())
    assert 0 < len(sellers.filter(pl.col("seller_code") > 1)) < 0.01 * len(sellers)


def test_some_distributors_sell_a_batch_to_each_other(zone):
    lines = zone.accepted["invoices"].select("product_code", "batch_no", "seller_code", "buyer_code").unique()
    back = lines.rename({"seller_code": "buyer_code", "buyer_code": "seller_code"})
    assert len(lines.join(back, on=lines.columns)) >= 2


def test_some_red_invoices_have_no_return(zone):
    red = zone.accepted["invoices"].filter(pl.col("amount_fen") == -1)
    named = zone.accepted["deliveries"].join(red.select(invoice_no="red_of_invoice_no"), on="invoice_no", how="semi")
    assert len(named.join(zone.accepted["returns"], on=["institution_code", "delivery_id"], how="anti")) > 0


def test_a_manufacturer_has_two_sales_companies(zone):
    deemed = zone.accepted["deemed_manufacturers"].filter(basis="group_sales_company")
    assert deemed.group_by("manufacturer_code").len()["len"].max() == 2
