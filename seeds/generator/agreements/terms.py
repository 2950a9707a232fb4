"""Terms of agreements: at least, at most or between, and until when."""

import numpy as np
import polars as pl

from seeds.generator.spelling import Ints, choose_text, spell_days, spell_ids, spell_numbers

FLOOR, CAP, BAND = range(3)
_DIRECTIONS: list[str | None] = ["floor", "cap", "band"]
_LATER = 0.7


def spell_directions(own: np.random.Generator, agreed: Ints, directions: Ints) -> dict[str, pl.Series]:
    """The columns `direction` and `agreed_quantity_max` (of bands) as text."""
    most = (agreed * own.uniform(1.1, 1.5, len(agreed))).astype(np.int64) + 1
    is_band = pl.Series(directions == BAND)
    upper = pl.select(pl.when(is_band).then(spell_numbers(most))).to_series()
    return {"direction": choose_text(_DIRECTIONS, directions), "agreed_quantity_max": upper}


def move_ends(own: np.random.Generator, prefix: str, ids: pl.Series, end: Ints, share: float) -> pl.DataFrame:
    """`commitment_adjustments` that move the end of a `share` of the commitments: most later, some earlier."""
    rows = np.flatnonzero(own.random(len(ids)) < share)
    days = np.where(own.random(len(rows)) < _LATER, own.integers(15, 120, len(rows)), -own.integers(15, 90, len(rows)))
    known = end[rows] + np.minimum(days, 0) - own.integers(20, 60, len(rows))
    return pl.DataFrame(
        {
            "adjustment_id": spell_ids(prefix, np.arange(len(rows)), 7),
            "commitment_id": ids.gather(rows),
            "effective_on": spell_days(known),
            "delta_quantity": pl.repeat("0", len(rows), eager=True),
            "new_period_end": spell_days(end[rows] + days),
            "reason": pl.repeat("采购周期调整", len(rows), eager=True),
            "document_no": pl.repeat("慈医保〔2020〕39号", len(rows), eager=True),
        }
    )
