"""Reference prices, what patients are charged, graded cases and listings that hold for a place."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from seeds.generator.charges import charge_more
from seeds.generator.market.region import name_distributors

LAST_DAY, GRADED_SINCE = dt.date(2020, 12, 31), dt.date(2020, 8, 28)
HOLDS = (pl.col("valid_from") <= LAST_DAY) & (pl.col("valid_to").is_null() | (pl.col("valid_to") >= LAST_DAY))
PRICE_OF = ["kind", "product_code", "jurisdiction_code"]


@pytest.fixture(scope="module")
def prices(zone) -> pl.DataFrame:
    return zone.accepted["reference_prices"]


def test_prices_hold_for_the_nation_for_provinces_and_for_cities(prices):
    places = prices.filter(HOLDS).group_by("kind").agg(pl.col("jurisdiction_code").unique())
    everywhere = {"", "33", "37", "3302", "3715"}
    assert {kind: set(found) for kind, found in places.iter_rows()} == {"listing": everywhere, "payment_standard": everywhere}
    twice = prices.filter(HOLDS).group_by("kind", "product_code").len()
    assert (twice["len"] > 1).any()


def test_few_prices_change_in_the_year_and_few_run_out(prices):
    counted = prices.group_by(PRICE_OF).agg(pl.len(), pl.col("valid_to").is_null().any().alias("open"))
    assert 0.05 < (counted["len"] == 2).mean() < 0.25
    assert 0 < (~counted["open"]).mean() < 0.15
    assert counted.filter(len=2)["open"].all()


def test_payment_standards_are_above_below_and_at_the_selected_price(zone, prices):
    selected = zone.accepted["selections"].select("product_code", "selected_price")
    found = prices.filter(HOLDS & (pl.col("kind") == "payment_standard")).join(selected, on="product_code")
    pairs = found.select("price", "selected_price").iter_rows()
    assert {(price > at) - (price < at) for price, at in pairs} == {-1, 0, 1}


def test_what_is_selected_has_no_listing(zone, prices):
    listed = prices.filter(kind="listing")
    assert listed.join(zone.accepted["selections"], on="product_code", how="semi").is_empty()


def test_few_lines_are_charged_above_the_purchase_price_and_none_below(zone):
    lines = zone.accepted["deliveries"]
    assert 0 < (lines["charge_price"] > lines["unit_price"]).mean() < 0.01
    assert (lines["charge_price"] >= lines["unit_price"]).all()


def test_only_the_charge_changes():
    class Two:
        prices = np.array([66_000, 12_345])
        frame = pl.DataFrame({"unit_price": ["6.60", "1.2345"], "charge_price": ["6.60", "1.2345"]})

    charged = charge_more(np.random.default_rng(1), Two)
    assert charged.drop("charge_price").equals(Two.frame.drop("charge_price"))
    assert (charged["charge_price"] != Two.frame["charge_price"]).sum() == 1
    assert Two.frame["charge_price"].to_list() == ["6.60", "1.2345"]


def test_cases_of_every_kind_lie_at_the_bounds_of_the_grades(zone):
    cases = zone.accepted["misconduct"]
    assert cases["kind"].n_unique() == 7
    amounts = set(cases.filter(kind="bribery").drop_nulls("amount_fen")["amount_fen"])
    assert any(50_000_000 - 1 <= fen <= 50_000_001 for fen in amounts)
    assert (cases["single_amount_fen"] <= cases["amount_fen"]).all()
    for column in ("amount_fen", "single_amount_fen", "repaired_on"):
        assert 0 < cases[column].null_count() < len(cases)
    assert 0 < (cases["decided_on"] < GRADED_SINCE).mean() < 0.3
    assert (cases["decided_on"] > LAST_DAY).any()
    assert (cases["repaired_on"].is_null() | (cases["repaired_on"] > cases["decided_on"])).all()


def test_cases_and_listings_are_of_companies_on_record_that_trade(zone):
    known = zone.accepted["enterprises"]["enterprise_code"]
    for dataset in ("misconduct", "blacklist"):
        assert zone.accepted[dataset]["enterprise_code"].is_in(known.implode()).all()
    assert set(name_distributors(0, 14)) & set(zone.accepted["misconduct"]["enterprise_code"])


def test_listings_hold_for_the_nation_and_for_places(zone):
    places = set(zone.accepted["blacklist"]["jurisdiction_code"])
    assert {"", "33", "3302", "3715"} <= places
