"""Which published dates keep their figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from pipelines.database.standing import Publication
from pipelines.database.tables import METADATA
from pipelines.store.dossier import has_dossier, read_dossier
from pipelines.store.runs import objects_of
from pipelines.store.store import Store

RULE = (
    "保留最近 {nights} 天、每月（含每年）最后一个发布日、已出通报的、通报名单、考核、抽查、任务办理和被扣留运行所依据的发布日"
)
"""The rule in words, as the ledger has it."""

_RESTED_ON = (
    ("bulletins", "as_of"),
    ("bulletins", "previous_as_of"),
    ("accountability_lists", "as_of"),
    ("assessment_scores", "as_of"),
    ("audit_samples", "as_of"),
    ("task_actions", "as_of"),
)
"""Table → the column that names a published date which its rows rest on."""


def choose_dropped(connection: sa.Connection, home: Store, nights: int) -> list[Publication]:
    """The published dates that no rule keeps, the first first: older than the `nights` days up to the last published one, not
    the last of their month, and nothing that is kept rests on them.
    """
    t = METADATA.tables["publications"]
    published = [Publication(*row) for row in connection.execute(sa.select(t.c.as_of, t.c.run_id).order_by(t.c.as_of))]
    if not published:
        return []
    oldest = published[-1].as_of - dt.timedelta(days=nights - 1)
    kept = {p.as_of for p in published if p.as_of >= oldest} | _ends_of_months(published) | _rested_on(connection, home)
    return [p for p in published if p.as_of not in kept]


def _ends_of_months(published: Sequence[Publication]) -> set[dt.date]:
    """The last published date of each month: a night may have been missed at its end."""
    return set({(p.as_of.year, p.as_of.month): p.as_of for p in published}.values())


def _rested_on(connection: sa.Connection, home: Store) -> set[dt.date]:
    found: set[dt.date] = set()
    for name, column in _RESTED_ON:
        query = sa.select(METADATA.tables[name].c[column]).distinct()
        found |= {day for day in connection.execute(query).scalars() if day is not None}
    runs = METADATA.tables["runs"]
    for run_id in connection.execute(sa.select(runs.c.run_id).where(runs.c.status == "held")).scalars():
        store = objects_of(home, run_id)
        base = read_dossier(store).base if has_dossier(store) else None
        found |= {base.as_of} if base else set()  # its changes are relative to that
    return found
