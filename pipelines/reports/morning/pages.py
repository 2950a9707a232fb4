"""Which pages there are: one per run, one with its checks in full, and one over all runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.seals import head_of
from pipelines.database.standing import Publication, published_before, standing
from pipelines.database.waiting import alone_with_pages
from pipelines.desk.nightly_returns import read_returns, returns_of
from pipelines.errors import UsageError
from pipelines.publish.frozen import only_restates
from pipelines.reports.morning.amounts import read_amounts
from pipelines.reports.morning.breaks import read_breaks
from pipelines.reports.morning.expectations import read_expectations
from pipelines.reports.morning.intake import read_intake
from pipelines.reports.morning.nights import Night, later_than, read_nights, since
from pipelines.reports.morning.outcome import read_checks, read_findings, read_restated
from pipelines.reports.morning.render import write_page
from pipelines.reports.morning.totals import Headline, list_groups, read_headlines, with_beside
from pipelines.reports.morning.trends import draw_trends
from pipelines.reports.morning.waiting import read_waiting
from pipelines.reports.open_tasks import read_open_tasks
from pipelines.store import keys
from pipelines.store.runs import objects_of
from pipelines.store.shown import hold_site
from pipelines.store.store import Object, Store

KEEP_RUNS = 60
"""So many runs keep their pages, and so many are drawn in a trend."""
_TASKS = 20
"""So many tasks are listed, the oldest first; the site lists more."""


def write_morning_page(
    engine: sa.Engine, home: Store, run_id: str, keep_runs: int = KEEP_RUNS, unwritten: Sequence[str] = ()
) -> Object:
    """Write the page of a run and its checks in full, and the index; return the page. It names what else was to be written
    and could not be (`unwritten`).

    In: the report database, the home with `runs/<run_id>/audit/` and `returns/<run_id>/`. Out:
    `<home>/site/morning/<run_id>/index.html` and `checks.html`, `<home>/site/morning/index.html`. Pages,
    workbooks and audits of runs older than the newest `keep_runs` are removed. Written again, they say the same as long as nobody
    decides on rejected rows, acts on tasks or publishes the date anew. UsageError for a run that the ledger does not know.
    """
    with alone_with_pages(engine, "morning"), hold_site(home), at_one_moment(engine) as connection:
        nights = read_nights(connection)
        found = [number for number, night in enumerate(nights) if night.run_id == run_id]
        if not found:
            raise UsageError(f"运行台账中没有运行 {run_id}，无法写晨报；请核对运行编号（runs 表）")
        known = nights[: found[0] + 1]
        trends = _read_trends(connection, known)
        page = _write_run(connection, home, nights, known[-1], trends, unwritten)
        newest = trends if known == nights else _read_trends(connection, nights)
        _write_index(home, nights, newest, keep_runs, written=run_id)
    return page


def write_newest_page(engine: sa.Engine, home: Store, keep_runs: int = KEEP_RUNS) -> None:
    """Write the page of the newest run of the ledger again: a full disk may have kept it from being written."""
    with at_one_moment(engine) as connection:
        nights = read_nights(connection)
    if nights:
        write_morning_page(engine, home, nights[-1].run_id, keep_runs)


def write_index(engine: sa.Engine, home: Store, keep_runs: int = KEEP_RUNS) -> Object:
    """Write `<home>/site/morning/index.html` over all runs of the ledger, the newest first; return it.

    Pages, workbooks and audits of runs older than the newest `keep_runs` are removed.
    """
    with alone_with_pages(engine, "morning"), hold_site(home), at_one_moment(engine) as connection:
        nights = read_nights(connection)
        return _write_index(home, nights, _read_trends(connection, nights), keep_runs)


class _Trends(NamedTuple):
    """The last runs up to one: how many, the headline figures of their dates, and the charts of both."""

    runs: int
    headlines: dict[date, Headline]
    charts: dict[str, str]


def _read_trends(connection: sa.Connection, nights: Sequence[Night]) -> _Trends:
    recent = nights[-KEEP_RUNS:]
    days = {night.as_of for night in recent if night.status == "published"}
    headlines = read_headlines(connection, {d for d in days if _stands_itself(connection, d)})
    breaks = read_breaks(connection, max(headlines)) if headlines else {}
    return _Trends(len(recent), headlines, draw_trends(recent, headlines, breaks))


def _stands_itself(connection: sa.Connection, day: date) -> bool:
    found = standing(connection, day)
    return found is not None and found.as_of == day


def _site(home: Store) -> Store:
    return home.below(f"{keys.SITE}/morning")


def _write_run(
    connection: sa.Connection, home: Store, nights: Sequence[Night], night: Night, trends: _Trends, unwritten: Sequence[str]
) -> Object:
    stands = standing(connection, night.as_of)
    before = None if stands is None else _stood_before(connection, stands.as_of)
    compared = _stood_before(connection, night.as_of)
    previous = None if compared is None else compared.run_id
    later = later_than(night, nights)
    shown = {found.as_of for found in (stands, before) if found}
    headlines = trends.headlines | read_headlines(connection, shown - set(trends.headlines))
    now, then = (with_beside(connection, headlines[found.as_of], found.as_of) if found else {} for found in (stands, before))
    checks = read_checks(connection, night.run_id, previous)
    intake, total = read_intake(connection, night.run_id, previous)
    dates = {n.run_id: n.as_of for n in nights}
    facts = {
        "night": night,
        "unwritten": unwritten,
        "head": head_of(connection, night.run_id),
        "earlier": next((n for n in nights if n.run_id == previous), None),
        "stands": stands,
        "only_restates": only_restates(connection, night.run_id),
        "before": before,
        "compared": compared,
        "checks": checks,
        "intake": intake,
        "total": total,
        "now": now,
        "then": then,
        "groups": list_groups(now, then),
        "amounts": read_amounts(connection, stands.as_of, before and before.as_of) if stands else [],
        "waiting": read_waiting(
            connection, night.run_id, dates, later, since(previous, night, nights), compared and compared.as_of
        ),
        "restated": read_restated(connection, night.run_id),
        "findings": read_findings(connection, stands.as_of) if stands else [],
        "tasks": read_open_tasks(connection, stands.as_of, _TASKS) if stands else None,
        "workbooks": read_returns(home, night.run_id),
        "has_results": objects_of(home, night.run_id).has(keys.RESULTS),
        "charts": trends.charts,
        "drawn": trends.runs,
    }
    own = _site(home).below(night.run_id)
    write_page(page := own.at("index.html"), "morning.html.j2", **facts)
    expectations = read_expectations(home, night.run_id)
    write_page(own.at("checks.html"), "checks.html.j2", night=night, checks=checks, expectations=expectations)
    return page


def _stood_before(connection: sa.Connection, as_of: date) -> Publication | None:
    day = published_before(connection, as_of)
    return None if day is None else standing(connection, day)


def _write_index(home: Store, nights: Sequence[Night], trends: _Trends, keep_runs: int, written: str = "") -> Object:
    site = _site(home)
    expired = {night.run_id for night in nights[: max(0, len(nights) - keep_runs)]} - {written}
    for run_id in expired.intersection(site.folders()):
        returns_of(home, run_id).drop()
        objects_of(home, run_id).drop(keys.AUDIT)
        site.drop(run_id)  # last: a kill before it leaves the run to the next night
    pages = {run_id for run_id in site.folders() if site.has(f"{run_id}/index.html")}
    write_page(
        page := site.at("index.html"),
        "index.html.j2",
        nights=list(reversed(nights)),
        pages=pages,
        expired=expired,
        keep_runs=keep_runs,
        charts=trends.charts,
        drawn=trends.runs,
    )
    return page
