"""Usages and trace scans follow the deliveries, and go wrong now and then."""

import datetime as dt

import polars as pl
import pytest

LAST_DAY, NEW_YEAR = dt.date(2020, 12, 31), dt.date(2020, 1, 1)
PRODUCT = ["institution_code", "product_code"]
DELIVERY = ["institution_code", "delivery_id"]


@pytest.fixture(scope="module")
def lines(zone) -> pl.DataFrame:
    return zone.accepted["deliveries"].filter(pl.col("received_quantity") > 0)


def test_lists_hold_for_products_and_for_generics(zone):
    entries, products = zone.accepted["catalogue_entries"], zone.accepted["products"]
    assert entries["list"].n_unique() == 10
    named = entries.filter(pl.col("code").is_in(products["product_code"].implode()))
    generic = entries.filter(pl.col("code").is_in(products["generic_code"].implode()))
    assert len(named) > 50
    assert len(generic) > 300
    assert 0 < entries["valid_to"].null_count() < len(entries)
    assert entries["jurisdiction_code"].n_unique() > 2


def test_products_say_how_they_are_settled_evaluated_and_identified(zone):
    products = zone.accepted["products"]
    assert set(products["evaluation"]) == {"originator", "passed", "none"}
    assert 0 < products["insurance_code"].drop_nulls().len() < len(products)
    consumables = products.filter(kind="consumable")
    assert 0 < consumables["udi_di"].drop_nulls().len() < len(consumables)
    assert products.filter(kind="drug")["udi_di"].drop_nulls().is_empty()


def test_what_is_used_was_bought_before(zone, lines):
    used = zone.accepted["usages"].filter(kind="dispensed")
    first = lines.group_by(PRODUCT).agg(pl.col("accepted_on").min())
    found = used.join(first, on=PRODUCT)
    assert len(found) == len(used)
    assert (found["used_on"] >= found["accepted_on"]).all()
    assert used["used_on"].max() <= LAST_DAY


def test_few_use_more_than_they_bought(zone, lines):
    units = lines.join(zone.accepted["products"].select("product_code", "units_per_pack"), on="product_code")
    bought = units.group_by(PRODUCT).agg(bought=(pl.col("received_quantity") * pl.col("units_per_pack")).sum())
    used = zone.accepted["usages"].filter(kind="dispensed").group_by(PRODUCT).agg(pl.col("quantity").sum())
    over = used.join(bought, on=PRODUCT).select((pl.col("quantity") > pl.col("bought")).mean()).item()
    assert 0 < over < 0.02


def test_openings_are_of_the_new_year_and_few_usages_come_back(zone):
    usages = zone.accepted["usages"]
    assert set(usages.filter(kind="opening")["used_on"]) == {NEW_YEAR}
    assert 0 < len(usages.filter(kind="returned")) < 0.03 * len(usages)
    assert 0.5 < (usages["settlement"] == "fund").mean() < 0.7


def test_the_fund_settles_under_a_code_of_its_own_or_one_that_differs(zone):
    codes = zone.accepted["products"].select("product_code", "insurance_code")
    settled = zone.accepted["usages"].filter(settlement="fund").join(codes, on="product_code")
    own, fund = (settled["settlement_code"] == settled[name] for name in codes.columns)
    assert 0.9 < own.mean() < 1
    assert 0 < (~own & ~fund.fill_null(False)).mean() < 0.05


def test_codes_come_with_deliveries_of_the_institution(zone, lines):
    scans = zone.accepted["trace_scans"]
    received = scans.filter(pl.col("event") == "received").drop_nulls("delivery_id")
    found = received.join(lines, on=DELIVERY, suffix="_bought")
    assert len(found) == len(received)
    assert (found["scanned_on"] == found["accepted_on"]).all()
    assert 0.995 < (found["product_code"] == found["product_code_bought"]).mean() < 1
    assert set(scans["packs_per_code"].cast(pl.Int64)) == {1, 10}
    assert scans["trace_code"].str.len_chars().unique().to_list() == [20]


def test_most_lines_have_a_code_for_each_pack_some_lack_some_and_some_have_none(zone, lines):
    received = zone.accepted["trace_scans"].filter(pl.col("event") == "received").drop_nulls("delivery_id")
    codes = received.unique([*DELIVERY, "trace_code"]).group_by(DELIVERY).agg(pl.col("packs_per_code").sum())
    drugs = lines.join(zone.accepted["products"].filter(kind="drug"), on="product_code", how="semi")
    found = drugs.join(codes, on=DELIVERY, how="left")
    share = (found["packs_per_code"] / found["received_quantity"]).cast(pl.Float64)
    assert 0.9 < (share.drop_nulls() >= 1).mean() < 1
    assert (share.drop_nulls() <= 1).all()
    assert share.null_count() > 0


def test_a_few_codes_turn_up_elsewhere_and_a_few_come_back(zone):
    scans = zone.accepted["trace_scans"]
    for event in ("dispensed", "received"):
        places = scans.filter(pl.col("event") == event).group_by("trace_code").agg(pl.col("institution_code").n_unique())
        assert 0 < (places["institution_code"] > 1).mean() < 0.01
    assert 0 < (scans["event"] == "taken_back").mean() < 0.02
    assert scans.select("institution_code", "trace_code", "event").is_duplicated().any()


def test_nothing_is_scanned_after_the_year(zone):
    assert zone.accepted["trace_scans"]["scanned_on"].max() <= LAST_DAY
