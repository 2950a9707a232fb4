"""Time progress of many commitments has the weights of their execution rate."""

import datetime as dt

import polars as pl
import pytest

from pipelines.indicators.agreed_volume.time_progress import expect

AS_OF = dt.date(2020, 6, 30)
LATER, EARLIER = dt.date(2020, 12, 31), dt.date(2020, 5, 31)


def weigh(commitments, items):
    """`commitments`: item, quantity, time progress, last day; `items`: item, phase → agreed quantity and fen."""
    columns = ("item_code", "agreed_quantity", "time_progress", "period_end")
    same = {"lot_code": "L", "institution_code": "H", "jurisdiction_code": "330282", "status": "on_track"}
    names_of = pl.DataFrame({"institution_code": ["H"], "ownership": ["public"]})
    rows = pl.DataFrame([same | dict(zip(columns, row, strict=True)) for row in commitments])
    priced = [("item", f"L/{i}", phase, "mandatory", q, fen) for (i, phase), (q, fen) in items.items()]
    total = {phase: sum(fen or 0 for (_, p), (_, fen) in items.items() if p == phase) for _, phase in items}
    rollup = priced + [("all", "all", phase, "mandatory", None, fen) for phase, fen in total.items()]
    names = ("level", "code", "phase", "duty", "agreed_quantity", "agreed_fen")
    frames = {"agreed_volume_rollup": pl.DataFrame(rollup, names, orient="row"), "agreed_volume_completion": rows}
    found = expect(frames | {"institution_names": names_of}, AS_OF).filter(pl.col("level") == "all")
    return {
        phase: fen / total[phase] if fen is not None else None
        for phase, fen in found.select("phase", "expected_fen").iter_rows()
    }


def test_a_costly_item_outweighs_a_cheap_one_of_more_pieces():
    """100 yuan of one half done, 900 yuan of one that has run out: 95%, not the mean of the days."""
    commitments = [("CHEAP", 1000.0, 0.5, LATER), ("DEAR", 10.0, 1.0, LATER)]
    items = {("CHEAP", "running"): (1000.0, 100_00), ("DEAR", "running"): (10.0, 900_00)}
    assert weigh(commitments, items) == {"running": pytest.approx(0.95)}


def test_ended_agreements_stand_apart_and_what_has_no_price_weighs_nothing():
    commitments = [("A", 10.0, 0.25, LATER), ("A", 10.0, 1.0, EARLIER), ("UNPRICED", 99.0, 0.9, LATER)]
    items = {("A", "running"): (10.0, 500), ("A", "ended"): (10.0, 700), ("UNPRICED", "running"): (99.0, None)}
    assert weigh(commitments, items) == {"running": pytest.approx(0.25), "ended": 1.0}


def test_where_nothing_is_valued_there_is_no_progress():
    assert weigh([("A", 10.0, 0.5, LATER)], {("A", "running"): (10.0, None)}) == {"running": None}
