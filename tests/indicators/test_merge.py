"""Sorted stretches become one sorted table, and sums of parts one sum."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine.add_up import add_up, taken_away
from pipelines.engine.order import merge

quick = settings(max_examples=60, deadline=None)
keys = st.lists(st.tuples(st.sampled_from("ab中"), st.integers(0, 40)), unique=True)
SCHEMA = {"letter": pl.String, "number": pl.Int32}


@quick
@given(keys, st.integers(1, 5), st.integers(1, 50), st.sampled_from([[], ["letter"]]))
def test_sorted_stretches_come_out_in_one_order(rows, parts, chunk, apart):
    stretches = [pl.DataFrame(sorted(rows[n::parts]), schema=SCHEMA, orient="row") for n in range(parts)]
    chunks = list(merge(pl.concat(stretches).lazy(), ["letter", "number"], chunk, apart=apart))
    assert pl.concat(chunks).rows() == sorted(rows)


@quick
@given(keys)
def test_rows_in_no_order_are_sorted_too(rows):
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    assert pl.concat(merge(frame.lazy(), ["letter", "number"], 2)).rows() == sorted(rows)


def test_a_large_table_comes_in_pieces():
    halves = [pl.DataFrame({"n": range(start, 2000, 2)}) for start in (0, 1)]
    chunks = list(merge(pl.concat(halves).lazy(), ["n"], 500))
    assert max(chunk.height for chunk in chunks) <= 600
    assert pl.concat(chunks)["n"].to_list() == list(range(2000))


def sums(*rows: tuple) -> pl.DataFrame:
    schema = {"code": pl.String, "line_no": pl.Int32, "fen": pl.Int64, "units": pl.Int128, "rows": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_sums_of_parts_are_added_where_the_keys_are_equal():
    found = add_up([sums(("A", 1, 5, 2**70, 1), (None, 1, 1, 1, 1)), sums(("A", 1, 7, 2**70, 2), ("A", 2, 1, 1, 1))])
    assert sorted(found.rows(), key=str) == [("A", 1, 12, 2**71, 3), ("A", 2, 1, 1, 1), (None, 1, 1, 1, 1)]


def test_what_is_taken_away_again_vanishes():
    before, after = sums(("A", 1, 5, 5, 1), ("B", 1, 2, 2, 1)), sums(("B", 1, 3, 3, 1))
    assert add_up([before, taken_away(before), after]).rows() == after.rows()
