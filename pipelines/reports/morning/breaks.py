"""Days on which agreement years of a lot begin, or are over: the rate of running agreements is one of others from then on."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from pipelines.database.open import METADATA

_COMPLETION = METADATA.tables["agreed_volume_completion"]


def read_breaks(connection: sa.Connection, as_of: date) -> list[date]:
    """The days up to a published date, by its commitments of all lots; a lot is over the day after its last."""
    t = _COMPLETION
    query = sa.select(t.c.period_start, t.c.period_end).distinct()
    found = connection.execute(query.where(t.c.as_of == as_of, t.c.status != "cancelled")).all()
    days = {start for start, _ in found} | {end + timedelta(days=1) for _, end in found}
    return sorted(day for day in days if day <= as_of)
