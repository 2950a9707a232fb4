"""Trace codes: twenty characters, one for each pack of a line, and one for each case of ten."""

import polars as pl

from seeds.generator.spelling import Ints

CASE = 10
PACK, WHOLE_CASE = 8, 9


def spell_codes(region: int, levels: Ints, lines: Ints, packs: Ints) -> pl.Series:
    """The code at a level (PACK, WHOLE_CASE) of the pack of a line: level, region, line, pack, and two digits to check."""
    numbers = ((levels * 100_000 + region) * 10_000_000 + lines) * 100_000 + packs
    frame = pl.DataFrame({"number": numbers, "check": 10 + (lines * 7 + packs) % 89})
    return frame.select(pl.concat_str("number", "check")).to_series()
