"""Agreements of every kind occur, mostly kept, and prepayments go wrong in every way."""

from datetime import date

import polars as pl
import pytest

LAST_DAY = date(2020, 12, 31)
GROUP = ["institution_code", "lot_code", "period_start"]


@pytest.fixture(scope="module")
def agreed(agreed_zone) -> dict[str, pl.DataFrame]:
    return agreed_zone.accepted


def test_amounts_and_quantities_have_floors_caps_and_bands(agreed):
    kinds = agreed["commitments"].group_by("target", "direction").len()
    assert len(kinds) == 6
    assert kinds.filter(target="quantity", direction="floor")["len"][0] > 0.9 * kinds["len"].sum()
    bands = agreed["commitments"].filter(direction="band")
    assert (bands["agreed_quantity_max"] >= bands["agreed_quantity"]).all()
    assert agreed["commitments"].filter(pl.col("direction") != "band")["agreed_quantity_max"].is_null().all()


def test_ends_move_both_ways(agreed):
    moved = agreed["commitment_adjustments"].drop_nulls("new_period_end").join(agreed["commitments"], on="commitment_id")
    assert moved.select((pl.col("new_period_end") > pl.col("period_end")).any()).item()
    assert moved.select((pl.col("new_period_end") < pl.col("period_end")).any()).item()
    assert moved.select((pl.col("new_period_end") > pl.col("period_start")).all()).item()


def test_most_is_prepaid_in_the_weeks_after_it_was_applied_for(agreed):
    paid = agreed["prepayments"].filter(pl.col("amount_fen") > 0).drop_nulls(["applied_on", "paid_on"])
    days = (paid["paid_on"] - paid["applied_on"]).dt.total_days()
    assert (days > 0).all()
    assert 0.75 < (days <= 15).mean() < 0.95


def test_prepayments_are_missing_unpaid_in_parts_taken_back_and_without_an_agreement(agreed):
    prepaid, commitments = agreed["prepayments"], agreed["commitments"].filter(direction="floor")
    lots = agreed["lots"].filter(pl.col("program").is_in(["national", "provincial", "alliance"]))
    owed = commitments.join(lots, on="lot_code", how="semi").unique(GROUP)
    assert 0.05 < len(owed.join(prepaid, on=GROUP, how="anti")) / len(owed) < 0.2
    assert len(prepaid.join(commitments, on=GROUP, how="anti")) > 0
    assert prepaid["paid_on"].null_count() > 0
    assert prepaid.filter(pl.col("applied_on").is_null() & (pl.col("amount_fen") > 0)).height > 0
    back = prepaid.filter(pl.col("amount_fen") < 0).group_by(GROUP).agg(pl.col("amount_fen").sum())
    granted = prepaid.filter(pl.col("amount_fen") > 0).group_by(GROUP).agg(pl.col("amount_fen").sum())
    both = back.join(granted, on=GROUP)
    assert len(both) == len(back) > 0
    assert (both["amount_fen"] + both["amount_fen_right"] >= 0).all()


def test_a_division_has_no_agency_on_record(agreed):
    unknown = agreed["prepayments"].join(agreed["agencies"], on="agency_code", how="anti")["agency_code"].unique()
    assert {"JB371581"} < set(unknown)
    assert len(agreed["agencies"]) == 13


def test_prepayment_excuses_are_of_a_lot_or_of_all(agreed):
    excuses = agreed["excuses"].filter(kind="prepayment")
    assert 0 < excuses["lot_code"].null_count() < len(excuses)
    assert 0 < excuses["valid_to"].null_count() < len(excuses)


def test_some_private_ones_are_not_designated_and_some_buy_nothing(agreed):
    others = agreed["institutions"].filter(pl.col("ownership") != "public")
    assert 0 < (~others["is_designated"]).mean() < 0.4
    assert agreed["institutions"].filter(ownership="public")["is_designated"].all()
    idle = others.join(agreed["deliveries"], on="institution_code", how="anti")
    assert set(idle["ownership"]) == {"private", "retail"}
