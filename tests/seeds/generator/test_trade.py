"""Deliveries, invoices and payments tell one story."""

from datetime import date

import polars as pl
import pytest

INVOICE = ["invoice_code", "invoice_no"]


@pytest.fixture
def sales(zone) -> pl.DataFrame:
    """Valid hospital lines: blue ones whose buyer is an institution."""
    institutions = zone.accepted["institutions"]
    buyers = [*institutions["institution_code"], *institutions["uscc"].drop_nulls()]
    is_sale = pl.col("buyer_code").is_in(buyers) & (pl.col("quantity") > 0)
    return zone.accepted["invoices"].filter(is_sale, status="normal")


def share(frame: pl.DataFrame, condition: pl.Expr) -> float:
    return frame.select(condition.mean()).item()


def test_a_delivery_stands_on_its_invoice_with_product_batch_quantity_and_amount(zone, sales):
    line = [*INVOICE, "product_code", "batch_no"]
    fen = (pl.col("received_quantity").cast(pl.Float64) * pl.col("unit_price").cast(pl.Float64) * 100).round(6)
    named = zone.accepted["deliveries"].filter(pl.col("invoice_no").is_not_null())
    received = named.group_by(line).agg(
        pl.col("received_quantity").sum().alias("quantity"), (fen + 0.5).floor().cast(pl.Int64).sum().alias("amount_fen")
    )
    billed = sales.group_by(line).agg(pl.col("quantity", "amount_fen").sum())
    assert received.sort(line).equals(billed.sort(line))


def test_most_hospital_lines_have_a_first_invoice(zone, sales):
    company = zone.accepted["invoices"].filter(pl.col("quantity") > 0).rename({"buyer_code": "holder"})
    bought = company.group_by("holder", "product_code", "batch_no").agg(first_on=pl.col("issued_on").min())
    chain = sales.join(
        bought, left_on=["seller_code", "product_code", "batch_no"], right_on=["holder", "product_code", "batch_no"]
    )
    assert 0.9 < len(chain) / len(sales) < 1
    assert chain.filter(pl.col("first_on") > pl.col("issued_on")).is_empty()


def test_batches_reach_several_hospitals(sales):
    reach = sales.group_by("product_code", "batch_no").agg(pl.col("buyer_code").n_unique())
    assert reach["buyer_code"].max() >= 4


def test_a_few_hospitals_buy_much(zone):
    lines = zone.accepted["deliveries"].group_by("institution_code").len()["len"]
    assert lines.max() > 2.5 * lines.min()


def test_an_institution_has_three_to_twelve_suppliers(zone):
    suppliers = zone.accepted["deliveries"].group_by("institution_code").agg(pl.col("distributor_code").n_unique().alias("n"))
    assert suppliers["n"].is_between(3, 12).all()


def test_void_and_red_invoices_returns_and_reversals_are_rare(zone):
    invoices, payments = zone.accepted["invoices"], zone.accepted["payments"]
    assert 0 < share(invoices, pl.col("status") == "void") < 0.03
    assert 0 < share(invoices, pl.col("quantity") < 0) < 0.03
    assert 0 < share(payments, pl.col("amount_fen") < 0) < 0.02
    assert 0 < share(payments, pl.col("invoice_no").is_null()) < 0.1
    assert zone.rows["returns"] == pytest.approx(0.02 * zone.rows["deliveries"], rel=0.4)


def test_a_red_line_names_its_invoice_or_says_so_in_the_remark(zone):
    red = zone.accepted["invoices"].filter(pl.col("quantity") < 0)
    named = pl.coalesce("red_of_invoice_no", pl.col("remark").str.extract(r"被红冲蓝字数电发票号码：(\d{20})"))
    blue = zone.accepted["invoices"].filter(pl.col("quantity") > 0)["invoice_no"]
    assert red.select(named.is_in(blue.implode()).all()).item()


def test_seven_to_nine_in_ten_invoices_are_paid_in_thirty_days(zone):
    first = zone.accepted["payments"].filter(pl.col("amount_fen") > 0).group_by(INVOICE)
    paid = first.agg(pl.col("paid_on").min())
    early = zone.accepted["deliveries"].filter(pl.col("accepted_on") <= date(2020, 11, 30))
    owed = early.filter(pl.col("invoice_no").is_not_null()).group_by(INVOICE).agg(pl.col("accepted_on").min())
    days = owed.join(paid, on=INVOICE, how="left").select(pl.col("paid_on") - pl.col("accepted_on")).to_series()
    assert 0.7 < (days.dt.total_days() <= 30).fill_null(False).mean() < 0.9


def test_nothing_happens_after_the_year(zone):
    for dataset, day in (("deliveries", "accepted_on"), ("invoices", "issued_on"), ("payments", "paid_on")):
        assert zone.accepted[dataset][day].max() <= date(2020, 12, 31)


def test_branches_carry_the_credit_code_of_their_head(zone):
    institutions = zone.accepted["institutions"]
    branches = institutions.filter(pl.col("parent_institution_code").is_not_null())
    heads = branches.join(institutions, left_on="parent_institution_code", right_on="institution_code")
    assert len(heads) == len(branches) > 0
    assert (heads["uscc"] == heads["uscc_right"]).all()
    assert heads["parent_institution_code_right"].is_null().all()
