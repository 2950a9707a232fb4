"""Days from which on a rate is one of other things, as indicators declare them: agreement years that begin or are over."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from pipelines.database.open import METADATA
from schemas.declared import SHOWN


def read_breaks(connection: sa.Connection, as_of: date) -> list[date]:
    """The days up to a published date, by all rows that stand for it; what ends is over the day after."""
    days: set[date] = set()
    for breaks in (shown.breaks for shown in SHOWN.values() if shown.breaks):
        t = METADATA.tables[breaks.table]
        counts = [t.c[name].not_in(values) for name, values in breaks.without.items()]
        query = sa.select(t.c[breaks.starts], t.c[breaks.ends]).distinct()
        for start, end in connection.execute(query.where(t.c.as_of == as_of, *counts)):
            days |= {start, end + timedelta(days=1)}
    return sorted(day for day in days if day <= as_of)
