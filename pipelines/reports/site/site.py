"""The report site: an index over all, a page per jurisdiction and per institution, a card per indicator, a page of tasks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

import polars as pl
import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.standing import Publication, standing
from pipelines.database.waiting import alone_with_pages
from pipelines.errors import UsageError
from pipelines.reports.pages.words import words_of
from pipelines.reports.site.breaks import find_breaks
from pipelines.reports.site.cards import read_cards
from pipelines.reports.site.compared import FILE, compare
from pipelines.reports.site.figures import Figures, read_figures
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.lists import list_sheets, own_findings, own_lists, party_list
from pipelines.reports.site.manifest import Manifest
from pipelines.reports.site.page import Page, write_pages
from pipelines.reports.site.render import ASSETS, program_digest, write_assets
from pipelines.reports.site.sheets.charts import chart_rows
from pipelines.reports.site.sheets.fill import fill_sheets
from pipelines.reports.site.sheets.sheet import ALL, PAGE, Filled
from pipelines.reports.site.sheets.summaries import summarize
from pipelines.reports.site.sheets.trends import Points, read_trends
from pipelines.reports.site.sheets.wholes import WHOLE, find_members, with_wholes
from pipelines.reports.site.subjects import list_institutions, list_jurisdictions, list_parties
from pipelines.reports.site.tasks import task_page
from pipelines.store import keys
from pipelines.store.shown import rewrite_site
from pipelines.store.store import Object, Store
from schemas.declared import SHOWN
from schemas.shown import LEVELS, PARTIES, Level

_Sheets = dict[str, Filled]


class Written(NamedTuple):
    """The index, the date whose figures the site shows, how many pages there are, and how many were written."""

    page: Object
    as_of: dt.date
    pages: int
    written: int


def write_site(engine: sa.Engine, home: Store, as_of: dt.date | None = None) -> Written:
    """Write the site of a published date, by default of the newest, below `<home>/site`.

    In: the report tables and the indicators' cards, nothing else. A page whose figures, names and looks have not
    changed keeps its bytes; pages of what is gone are removed. Readers see the site as it was, or whole as it is now.
    UsageError where nothing, or not that date, is published.
    """
    with alone_with_pages(engine, "site") as prove, home.scratch() as scratch:
        with at_one_moment(engine) as connection:
            if not sa.inspect(connection).has_table("tasks"):
                raise UsageError("结果库中没有本版本的结果表，还没有可写的页面；请先执行一次 vbp run")
            published = _find(connection, as_of)
            figures = read_figures(connection, published.as_of, scratch)
            members = find_members(figures)
            trends = {level: read_trends(connection, published.as_of, level, members) for level in LEVELS}
            tasks = task_page(connection, published.as_of)
        shown = home.below(keys.SITE)
        has_morning = shown.has("morning/index.html")
        with rewrite_site(home, prove) as (site, written):
            write_assets(site, published.as_of.isoformat())
            manifest = Manifest(site, shown, program_digest())
            pages = chain([tasks], _list_pages(figures, members, trends, published, has_morning))
            changed = write_pages(filter(manifest.is_new, pages), site, published.as_of.isoformat())
            gone = manifest.finish()
            written |= {ASSETS, *changed, *gone}
    return Written(shown.at("index.html"), published.as_of, manifest.pages, len(changed))


def _find(connection: sa.Connection, as_of: dt.date | None) -> Publication:
    found = standing(connection, as_of or dt.date.max)
    if found is None:
        raise UsageError("结果库中没有已发布的日期，还没有可写的页面；请先执行 vbp run")
    if as_of is not None and found.as_of != as_of:
        raise UsageError(f"{as_of} 没有已发布的数字；最近的发布日是 {found.as_of}，请改用 --as-of {found.as_of}")
    return found


def _list_pages(
    figures: Figures, members: pl.DataFrame, trends: dict[Level, dict[str, Points]], published: Publication, has_morning: bool
) -> Iterator[Page]:
    institutions = list_institutions(figures)
    placed = with_wholes(figures, members)
    jurisdictions = list_jurisdictions(placed, institutions, members)
    lists = list_sheets(figures, institutions, jurisdictions)
    yield from _list_overviews(figures, lists, trends[ALL], published, has_morning)
    regional = fill_sheets(placed, "jurisdiction") | own_lists(placed, institutions, members)
    drawn, broken = chart_rows(regional), find_breaks(placed, "jurisdiction")
    compared = compare(institutions, members)
    for row in jurisdictions.iter_rows(named=True):
        code = row[PAGE]
        facts = {"name": row["name"], "summary": row, **_relate(code, jurisdictions, members)}
        path = f"jurisdiction/{folder_of(code)}"
        yield Page(
            path,
            "jurisdiction.html.j2",
            code,
            regional,
            facts,
            drawn,
            trends["jurisdiction"].get(code, {}),
            broken.get(code, {}),
            FILE if code in compared else "",
            {FILE: compared[code]} if code in compared else {},
        )
    del placed, regional, drawn
    broken = find_breaks(figures, "institution")
    places = {row[PAGE]: row for row in institutions.iter_rows(named=True)}
    for part in figures.parts("institution"):
        own = fill_sheets(part, "institution") | own_findings(part, "institution")
        drawn = chart_rows(own)
        for code in part.pages:
            summary = places[code]
            yield Page(
                f"institution/{folder_of(code)}",
                "institution.html.j2",
                code,
                own,
                {"summary": summary},
                drawn,
                trends["institution"].get(code, {}),
                broken.get(code, {}),
                f"jurisdiction/{folder_of(summary['jurisdiction'])}/{FILE}" if summary["jurisdiction"] in compared else "",
            )
    for party in PARTIES:
        yield from _list_parties(figures, party)


def _list_parties(figures: Figures, party: Level) -> Iterator[Page]:
    """A page for each product or company, and the list of all."""
    parties = list_parties(figures, party)
    rows = {row[PAGE]: row for row in parties.iter_rows(named=True)}
    for part in figures.parts(party):
        own = fill_sheets(part, party) | (own_findings(part, party) if party == "enterprise" else {})
        drawn = chart_rows(own)
        for code in part.pages:
            about = {"summary": rows[code], "party": party}
            yield Page(f"{party}/{folder_of(code)}", "party.html.j2", code, own, about, drawn)
    listed = party_list(parties, party)
    words = words_of("site")
    facts = {"heading": words[f"all_{party}s"], "name": listed.name, "note": words[f"note_{party}"], "scoped": False}
    yield Page(listed.name, "list.html.j2", ALL, {listed.name: listed}, facts)


def _relate(code: str, jurisdictions: pl.DataFrame, members: pl.DataFrame) -> dict[str, Any]:
    """The divisions a page adds up (`members`), and the city and province that add up its own (`wholes`)."""
    names = dict(jurisdictions.select(PAGE, "name").iter_rows())

    def name(codes: pl.Series) -> list[tuple[str, str]]:
        return [(c, names.get(c, c)) for c in codes.sort()]

    return {
        "members": name(members.filter(pl.col(WHOLE) == code)["jurisdiction_code"]),
        "wholes": name(members.filter(pl.col("jurisdiction_code") == code)[WHOLE]),
    }


def _list_overviews(
    figures: Figures, lists: _Sheets, trends: dict[str, Points], published: Publication, has_morning: bool
) -> Iterator[Page]:
    """The index, the list of all institutions and those that indicators keep on a page of their own, and the cards."""
    own, alone = fill_sheets(figures, ALL), fill_sheets(figures, ALL, alone=True)
    declared = [sheet for shown in SHOWN.values() for sheet in shown.all_sheets(ALL, alone=True)]
    cards = read_cards()
    facts: dict[str, Any] = {
        "summary": summarize(figures, ALL).row(0, named=True),
        "run_id": published.run_id,
        "morning": has_morning,
        "cards": [{"code": card.code, "zh": card.zh, "en": card.en} for card in cards],
        "published": published.as_of.isoformat(),
        "alone": [(sheet.code, sheet.alone) for sheet in declared],
    }
    shown = own | {name: lists[name] for name in ("jurisdictions", "rules")}
    breaks = find_breaks(figures, ALL).get(ALL, {})
    yield Page("", "index.html.j2", ALL, shown, facts, chart_rows(shown), trends.get(ALL, {}), breaks)
    facts = {
        "heading": words_of("site")["all_institutions"],
        "name": "institutions",
        "note": words_of("site")["note_lists"],
        "scoped": True,
    }
    yield Page("institutions", "list.html.j2", ALL, {"institutions": lists["institutions"]}, facts)
    for sheet in declared:
        facts = {"heading": sheet.alone, "name": sheet.code, "note": sheet.note, "scoped": False}
        yield Page(folder_of(sheet.code), "list.html.j2", ALL, {sheet.code: alone[sheet.code]}, facts)
    for card in cards:
        yield Page(f"indicators/{folder_of(card.code)}", "card.html.j2", card.code, {}, {"card": card})
