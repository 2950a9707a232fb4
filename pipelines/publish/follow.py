"""Dates after one that was published late: the clocks of their findings, and their cured rows, follow from it.

What a date shows of a finding's life rests on the date published before it (`lifecycle`). A date that is put in between,
or published again, is that date for the next one; figures of later dates stay as they are. A frozen date keeps its clocks
too, and with it every date after it.
"""

import datetime as dt
from collections.abc import Callable, Set
from typing import Any

import sqlalchemy as sa

from pipelines.database.standing import published_after
from pipelines.database.tables import METADATA, STILL_VALID, valid_at, versions_of
from pipelines.publish.frozen import frozen_after
from pipelines.publish.tasks.deadlines import EXTENDED, laid_terms
from pipelines.publish.tasks.terms import Terms

_PUBLICATIONS, _RUNS = METADATA.tables["publications"], METADATA.tables["runs"]
_VERSIONS = versions_of("findings")
_ID, _FIRST_SEEN, _DUE_ON = _VERSIONS.c.finding_id, _VERSIONS.c.first_seen, _VERSIONS.c.due_on
_RULE, _PLACE = _VERSIONS.c.rule_code, _VERSIONS.c.jurisdiction_code


def follow(connection: sa.Connection, as_of: dt.date, terms: Callable[[str], Terms | None]) -> dt.date | None:
    """Bring `first_seen`, `due_on` and the cured rows of the dates after `as_of`, up to the next frozen one, to what they
    would be had the dates been published in order; return the first date that changed.

    A finding is due by the `terms` of the run that stands for its date (as long after its `first_seen` as it was, where they
    are not known any more), or when it was extended to by then. A version of a row begins where its finding appears, comes
    back or changes, so that all of it has one clock, and a date needs a look only while versions that changed reach it.
    """
    frozen = frozen_after(connection, as_of) or STILL_VALID
    reach = day = published_after(connection, as_of)
    previous, first = as_of, None
    while day < frozen and day <= reach:
        until = published_after(connection, day)
        last = _set_clocks(connection, previous, day, frozen, terms)
        if _set_cured(connection, previous, day, until):
            last = max(last or day, day)
        if last is not None:
            first, reach = first or day, max(reach, last)
        previous, day = day, until
    return first


def _open_at(day: dt.date) -> sa.ColumnElement[bool]:
    return sa.and_(valid_at(_VERSIONS, day), _VERSIONS.c.state == "open")


def _set_clocks(
    connection: sa.Connection, previous: dt.date, day: dt.date, frozen: dt.date, terms: Callable[[str], Terms | None]
) -> dt.date | None:
    """Give the open findings of `day` the beginning they have on the date before, else `day`; return the end of the last
    version that changed.
    """
    earlier = sa.select(_VERSIONS).where(_open_at(previous)).subquery("earlier")
    begun = sa.func.coalesce(earlier.c.first_seen, sa.literal(day, sa.Date()))
    clock = (_RULE, _PLACE, _FIRST_SEEN, _DUE_ON)
    found = (
        sa.select(*clock, begun, sa.func.max(_VERSIONS.c.valid_to))
        .outerjoin_from(_VERSIONS, earlier, earlier.c.finding_id == _ID)
        .where(_open_at(day), begun != _FIRST_SEEN)
        .group_by(*clock, begun)
    )
    groups = connection.execute(found).all()
    if not groups:
        return None
    run_id, finished_at = _stands_at(connection, day)
    own = terms(run_id)
    for rule, place, was, due, begins, end in groups:
        before = sa.select(earlier.c.finding_id)
        is_begun = _ID.not_in(before) if begins == day else _ID.in_(before.where(earlier.c.first_seen == begins))
        same_clock = (rule == _RULE, _PLACE.is_not_distinct_from(place), was == _FIRST_SEEN, _DUE_ON.is_not_distinct_from(due))
        wrong = sa.and_(_open_at(day), *same_clock, is_begun)
        if end > frozen:
            _part(connection, frozen, wrong)
        # Dates are added here, not in SQL, where the two databases differ.
        as_long = None if due is None else begins + (due - was)
        clock_now = {"first_seen": begins, "due_on": own.due(rule, place or "", begins) if own else as_long}
        connection.execute(sa.update(_VERSIONS).where(wrong).values(clock_now))
    _extend(connection, day, finished_at, {row[-2] for row in groups})
    ends: list[dt.date] = [min(row[-1], frozen) for row in groups]
    return max(ends)


def _stands_at(connection: sa.Connection, day: dt.date) -> tuple[str, str]:
    query = sa.select(_RUNS.c.run_id, _RUNS.c.finished_at).join(_PUBLICATIONS, _PUBLICATIONS.c.run_id == _RUNS.c.run_id)
    run_id, finished_at = connection.execute(query.where(_PUBLICATIONS.c.as_of == day)).one()
    return run_id, finished_at


def _extend(connection: sa.Connection, day: dt.date, known: str, begun: Set[dt.date]) -> None:
    """Let findings of `day` that were first seen on one of these dates be due when they were extended to since, as was known when
    it was published.
    """
    with laid_terms(connection, day, known):
        extended = sa.and_(EXTENDED.c.finding_id == _ID, EXTENDED.c.since >= _FIRST_SEEN)
        due = sa.select(EXTENDED.c.due_on).where(extended).scalar_subquery()
        are_meant = (_open_at(day), _FIRST_SEEN.in_(begun), sa.exists().where(extended))
        connection.execute(sa.update(_VERSIONS).where(*are_meant).values(due_on=due))


def _part(connection: sa.Connection, day: dt.date, versions: sa.ColumnElement[bool]) -> None:
    """Divide those that are valid beyond `day` in two there."""
    beyond = sa.and_(versions, _VERSIONS.c.valid_to > day)
    values = [sa.literal(day, sa.Date()) if c.name == "valid_from" else c for c in _VERSIONS.columns]
    names = list(_VERSIONS.columns.keys())
    connection.execute(sa.insert(_VERSIONS).from_select(names, sa.select(*values).where(beyond)))
    connection.execute(sa.update(_VERSIONS).where(beyond, _VERSIONS.c.valid_from < day).values(valid_to=day))


def _set_cured(connection: sa.Connection, previous: dt.date, day: dt.date, until: dt.date) -> bool:
    """Let `day` show one last row of what is open on the date before and not on it, and of nothing else; return whether
    something changed.
    """
    given: dict[str, sa.ColumnElement[Any]] = {
        "state": sa.literal("cured"),
        "valid_from": sa.literal(day, sa.Date()),
        "valid_to": sa.literal(until, sa.Date()),
    }
    names = list(_VERSIONS.columns.keys())
    here = _VERSIONS.alias("here")
    values = [given.get(c.name, c).label(c.name) for c in _VERSIONS.columns]
    is_open = sa.select(here.c.finding_id).where(valid_at(here, day), here.c.state == "open")
    wanted = sa.select(*values).where(_open_at(previous), _ID.not_in(is_open)).cte("wanted")
    shown = sa.and_(valid_at(_VERSIONS, day), _VERSIONS.c.state == "cured")
    same = sa.and_(*(wanted.c[name].is_not_distinct_from(_VERSIONS.c[name]) for name in names))
    stays = sa.select(_ID).join_from(_VERSIONS, wanted, same).where(shown)
    kept = set(connection.execute(stays).scalars())
    gone = [i for i in connection.execute(sa.select(_ID).where(shown)).scalars() if i not in kept]
    missing = [dict(row) for row in connection.execute(sa.select(wanted)).mappings() if row["finding_id"] not in kept]
    if gone:
        one = sa.and_(sa.bindparam("one") == _ID, shown)
        connection.execute(sa.delete(_VERSIONS).where(one), [{"one": i} for i in gone])
    if missing:
        connection.execute(sa.insert(_VERSIONS), missing)
    return bool(gone or missing)
