"""Sums of parts added up as they come are what they are added up at once, and never lie about whole."""

import polars as pl
import pytest

from pipelines.engine.add_up import RunningSum, add_up


def frame(*rows):
    return pl.DataFrame(rows, schema={"code": pl.String, "fen": pl.Int64, "rows": pl.Int64}, orient="row")


@pytest.mark.parametrize("parts", [1, 2, 7, 40])
def test_as_they_come_or_at_once(parts):
    frames = [frame(("A", n, 1), (f"H{n % 5}", 10 * n, 2), (f"only {n}", 1, 1)) for n in range(parts)]
    running = RunningSum()
    for each in frames:
        running.add(each)
    assert running.whole().sort("code").equals(add_up(frames).sort("code"))


def test_what_waits_is_no_more_than_the_sum():
    running = RunningSum()
    for _ in range(100):
        running.add(frame(*((f"H{n}", 1, 1) for n in range(10))))
        assert sum(f.height for f in running._frames) <= 20
    assert running.whole()["fen"].to_list() == [100] * 10


def test_a_key_without_rows_counts_until_all_are_added():
    running = RunningSum()
    for each in (frame(("A", 5, 0)), frame(("B", 1, 1), ("A", -2, 0)), frame(("A", 4, 1))):
        running.add(each)
    assert running.whole().sort("code").rows() == [("A", 7, 1), ("B", 1, 1)]


def test_nothing_comes_to_nothing():
    running = RunningSum()
    running.add(frame())
    running.add(frame())
    assert running.whole().is_empty()
