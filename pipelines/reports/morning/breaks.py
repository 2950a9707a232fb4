"""Days from which on a rate is one of other things, as indicators declare them: agreement years that begin or are over."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from pipelines.database.open import METADATA
from schemas.declared import SHOWN


def read_breaks(connection: sa.Connection, as_of: date) -> dict[str, list[date]]:
    """By indicator the days up to a published date, by all rows that stand for it; what ends is over the day after."""
    found = {}
    for code, breaks in ((code, shown.breaks) for code, shown in SHOWN.items() if shown.breaks):
        days: set[date] = set()
        t = METADATA.tables[breaks.table]
        counts = [t.c[name].not_in(values) for name, values in breaks.without.items()]
        query = sa.select(t.c[breaks.starts], t.c[breaks.ends]).distinct()
        for start, end in connection.execute(query.where(t.c.as_of == as_of, *counts)):
            days |= {start, end + timedelta(days=1)}
        found[code] = sorted(day for day in days if day <= as_of)
    return found
