"""Private hospitals and pharmacies that are on record but buy elsewhere."""

import numpy as np
import polars as pl

from seeds.generator.market.credit_codes import make_credit_codes
from seeds.generator.spelling import Ints, choose_text, spell_flags

_ONE_IN, _PRIVATE = 10, 0.3
_NOT_DESIGNATED = 4  # one in so many
_FIRST_SERIAL = 20_000_000  # credit-code serials below belong to those who trade
_FIRST_NUMBER = 90_001


def make_bystanders(own: np.random.Generator, first: int, size: int, divisions: Ints) -> pl.DataFrame:
    """One for ten institutions of a block that starts with number `first` and has `size`, as rows of `institutions`."""
    serial: Ints = np.arange(first // _ONE_IN, (first + size) // _ONE_IN, dtype=np.int64)
    division = divisions[serial % len(divisions)]
    is_private = (own.random(len(serial)) < _PRIVATE).astype(np.int64)
    numbers = serial // len(divisions) + _FIRST_NUMBER
    kinds = zip(is_private, division, numbers, strict=True)
    return pl.DataFrame(
        {
            "institution_code": [f"{'PH'[private]}{d}{n:05d}" for private, d, n in kinds],
            "name": [
                f"第{s + 1}{'民营医院' if private else '便民药店'}" for s, private in zip(serial, is_private, strict=True)
            ],
            "uscc": make_credit_codes("91", division, _FIRST_SERIAL + serial),
            "jurisdiction_code": division.astype(str).tolist(),
            "ownership": choose_text(["retail", "private"], is_private),
            "level": choose_text(["retail", "secondary"], is_private),
            "is_remote": pl.repeat("0", len(serial), eager=True),
            "is_designated": spell_flags(serial % _NOT_DESIGNATED > 0),
        },
        schema_overrides={"institution_code": pl.String, "name": pl.String, "uscc": pl.String, "jurisdiction_code": pl.String},
    )
