"""The life of findings: since when, due by when, and the one last row of those that are gone.

By the ledger of 慈政办发〔2020〕68号 四(六): a finding keeps the `first_seen` of the date published before,
unless it was cured there; it is due so many days later, or when its task was last extended to; gone, it gets one row with
state `cured`.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from pipelines.database.standing import Publication, published_before
from pipelines.database.tables import leaving_of, staging_of, valid_at, versions_of
from pipelines.publish.tasks.deadlines import EXTENDED, TERMS, due_of, laid_terms, lay_terms, same_terms, with_terms
from pipelines.publish.tasks.terms import Terms

_STAGED, _LEAVING, _VERSIONS = staging_of("findings"), leaving_of("findings"), versions_of("findings")
_ID, _LEFT = _STAGED.c.finding_id, sa.select(_LEAVING.c.finding_id)
_NAMES = list(_STAGED.columns.keys())


def begin_life(as_of: dt.date, terms: Terms) -> dict[str, object]:
    """The clock columns of a finding that `as_of` is the first to see, as far as they are the same for most."""
    return {"first_seen": as_of, "due_on": terms.due("", "", as_of), "state": "open"}


def settle_lives(connection: sa.Connection, as_of: dt.date, base: Publication | None, terms: Terms) -> None:
    """Bring the staged findings, and the keys that leave, to what `as_of` is to show.

    In: open findings that come, as if `as_of` were the first to see them (`begin_life`), and ids that go,
    relative to the open ones of `base`. Out: clocks set back, cured rows added, and everything that stands
    for `base` with another clock, or cured, replaced.
    """
    with laid_terms(connection, as_of):
        if base is None:
            _set_due(connection, terms)
            return
        previous = published_before(connection, as_of)
        rerun = base.as_of == as_of
        _renew_clocks(connection, as_of, base.as_of, previous if rerun else base.as_of, terms)
        _take_out_cured(connection, base.as_of)
        if previous is not None:
            _keep_first_seen(connection, previous)
        _set_due(connection, terms)
        if previous is not None:
            _add_cured(connection, as_of, previous, rerun=rerun)
        if rerun:
            _leave_equal(connection, as_of)


def _open_at(date: dt.date, name: str) -> sa.Subquery:
    return sa.select(_VERSIONS).where(valid_at(_VERSIONS, date), _VERSIONS.c.state == "open").subquery(name)


def _renew_clocks(connection: sa.Connection, as_of: dt.date, base: dt.date, previous: dt.date | None, terms: Terms) -> None:
    """Let findings that stay, but under another clock than today's, leave and come again."""
    stands = _open_at(base, "stands")
    lay_terms(connection, terms, stands)
    queries = [sa.select(stands.c.finding_id).select_from(with_terms(stands)).where(_is_due_otherwise(stands))]
    if previous is None:
        queries.append(sa.select(stands.c.finding_id).where(stands.c.first_seen != as_of))
    elif previous != base:
        queries.append(_seen_otherwise(as_of, stands, previous))
    for ids in queries:
        _come_again(connection, begin_life(as_of, terms), ids, stands)


def _is_due_otherwise(findings: sa.FromClause) -> sa.ColumnElement[bool]:
    return findings.c.due_on.is_distinct_from(due_of(findings))


def _seen_otherwise(as_of: dt.date, stands: sa.Subquery, previous: dt.date) -> sa.Select[Any]:
    """Ids of findings whose series, since their date was published, got another beginning."""
    earlier = _open_at(previous, "earlier")
    series = stands.outerjoin(earlier, earlier.c.finding_id == stands.c.finding_id)
    begun = sa.func.coalesce(earlier.c.first_seen, sa.literal(as_of, sa.Date()))
    return sa.select(stands.c.finding_id).select_from(series).where(stands.c.first_seen != begun)


def _come_again(connection: sa.Connection, life: dict[str, object], ids: sa.Select[Any], stands: sa.Subquery) -> None:
    staying = ids.except_(_LEFT).subquery("staying")
    anew = {name: sa.literal(value, _STAGED.c[name].type) for name, value in life.items()}
    rows = sa.select(*(anew.get(name, stands.c[name]).label(name) for name in _NAMES)).select_from(
        staying.join(stands, stands.c.finding_id == staying.c.finding_id)
    )
    connection.execute(sa.insert(_STAGED).from_select(_NAMES, rows))
    connection.execute(sa.insert(_LEAVING).from_select(["finding_id"], ids.except_(_LEFT)))


def _take_out_cured(connection: sa.Connection, base: dt.date) -> None:
    cured = sa.select(_VERSIONS.c.finding_id).where(valid_at(_VERSIONS, base), _VERSIONS.c.state == "cured")
    connection.execute(sa.insert(_LEAVING).from_select(["finding_id"], cured.except_(_LEFT)))


def _keep_first_seen(connection: sa.Connection, previous: dt.date) -> None:
    earlier = _open_at(previous, "earlier")
    same = earlier.c.finding_id == _ID
    seen = sa.select(earlier.c.first_seen).where(same).scalar_subquery()
    connection.execute(sa.update(_STAGED).where(sa.exists().where(same)).values(first_seen=seen))


def _set_due(connection: sa.Connection, terms: Terms) -> None:
    """Give the staged findings the day that their rule, division and first sight give them, or their last extension."""
    lay_terms(connection, terms, _STAGED)
    wrong = sa.select(_ID).select_from(with_terms(_STAGED)).where(_is_due_otherwise(_STAGED))
    of_this = TERMS.outerjoin(EXTENDED, EXTENDED.c.finding_id == _ID)
    due = sa.select(due_of(_STAGED)).select_from(of_this).where(same_terms(_STAGED)).correlate(_STAGED).scalar_subquery()
    connection.execute(sa.update(_STAGED).where(_ID.in_(wrong)).values(due_on=due))


def _add_cured(connection: sa.Connection, as_of: dt.date, previous: dt.date, *, rerun: bool) -> None:
    """Open before, not open now: one last row."""
    earlier = _open_at(previous, "earlier")
    gone = sa.select(earlier.c.finding_id)
    if not rerun:  # what stands is what was open before, so that only what leaves can be gone
        gone = gone.join(_LEAVING, _LEAVING.c.finding_id == earlier.c.finding_id)
    # EXCEPT and not an outer join: SQLite would read all of an unindexed table for every finding.
    ended: Any = gone.except_(sa.select(_ID)).subquery("ended")
    if rerun:
        stands = _open_at(as_of, "stands")
        staying = sa.select(stands.c.finding_id).except_(_LEFT).subquery("staying")
        ended = sa.select(ended).except_(sa.select(staying)).subquery("gone")
    values = [sa.literal("cured") if name == "state" else earlier.c[name].label(name) for name in _NAMES]
    rows = sa.select(*values).select_from(ended.join(earlier, earlier.c.finding_id == ended.c.finding_id))
    connection.execute(sa.insert(_STAGED).from_select(_NAMES, rows))


def _leave_equal(connection: sa.Connection, as_of: dt.date) -> None:
    """Spare the cured rows that the re-run of a date would only write again."""
    comes = _STAGED.alias("comes")
    same = [comes.c[name].is_not_distinct_from(_VERSIONS.c[name]) for name in _NAMES]
    equal = sa.select(comes.c.finding_id).where(comes.c.state == "cured", valid_at(_VERSIONS, as_of), *same)
    for table in (_LEAVING, _STAGED):
        connection.execute(sa.delete(table).where(table.c.finding_id.in_(equal)))
