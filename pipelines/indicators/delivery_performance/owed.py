"""What institutions owe suppliers overdue, as payment has added it up (rulebook §5): said beside poor delivery."""

from __future__ import annotations

import polars as pl

from pipelines.engine.indicator import Frames, Inputs, Link, Stage

PARTY = ("institution_code", "distributor_code")
_UNPAID = "payment.unpaid"
_IS_OVERDUE = pl.col("overdue") > 0


def _evidence(inputs: Inputs) -> Frames:
    """`unpaid`: the payables of which something is overdue under the rule that applies, `overdue` in fen."""
    return {"unpaid": inputs.scan(_UNPAID).filter(_IS_OVERDUE).select(*PARTY, "delivery_id", "overdue")}


def _sums(evidence: Frames, inputs: Inputs) -> dict[str, pl.DataFrame]:
    """`owed`: `overdue_fen` by institution and supplier."""
    rows = evidence["unpaid"].lazy().group_by(PARTY)
    return {"owed": rows.agg(overdue_fen=pl.sum("overdue"), rows=pl.len().cast(pl.Int64)).sort(PARTY).collect()}


OWED = Stage(
    unit=PARTY,
    evidence=_evidence,
    sums=_sums,
    links={_UNPAID: Link(where=_IS_OVERDUE)},
    yields=("owed",),
    share=1,  # its parties are many and its work is little
)
