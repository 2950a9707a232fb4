"""Which figures stand: for a date, before it, and after it."""

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.tables import METADATA, STILL_VALID

_PUBLICATIONS = METADATA.tables["publications"]


class Publication(NamedTuple):
    """A published date and the run whose figures stand for it."""

    as_of: dt.date
    run_id: str


def standing(connection: sa.Connection, as_of: dt.date) -> Publication | None:
    """Return the publication that a run of `as_of` changes; None when nothing stands.

    It is that of `as_of` itself where the date is published, else that of the greatest published date
    below it.
    """
    query = sa.select(_PUBLICATIONS).where(_PUBLICATIONS.c.as_of <= as_of)
    row = connection.execute(query.order_by(_PUBLICATIONS.c.as_of.desc()).limit(1)).first()
    return Publication(row.as_of, row.run_id) if row else None


def published_before(connection: sa.Connection, as_of: dt.date) -> dt.date | None:
    """Return the greatest published date below `as_of`, None on the first night."""
    query = sa.select(sa.func.max(_PUBLICATIONS.c.as_of)).where(_PUBLICATIONS.c.as_of < as_of)
    found: dt.date | None = connection.execute(query).scalar_one()
    return found


def published_after(connection: sa.Connection, as_of: dt.date) -> dt.date:
    """Return the least published date above `as_of`, the end of all days when there is none."""
    query = sa.select(sa.func.min(_PUBLICATIONS.c.as_of)).where(_PUBLICATIONS.c.as_of > as_of)
    found: dt.date | None = connection.execute(query).scalar_one()
    return found or STILL_VALID
