"""The templates of the site, and its assets: style, scripts, and the charting library, which is shipped with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from pipelines.reports.followed import list_trends
from pipelines.reports.pages import frame
from pipelines.reports.pages.words import words_of
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.sheets.cells import Piece, write_number
from pipelines.reports.site.sheets.charts import chart_looks, chart_titles
from pipelines.reports.site.sheets.sheet import Heading
from pipelines.reports.site.sheets.summaries import OPEN, all_figures, figure_heading
from pipelines.views.plain_cell import BEGINS_FORMULA
from schemas.declared import SHOWN
from schemas.reports import REPORTS
from schemas.shown import PARTIES, Figure, Level, Sheet

_HERE = Path(__file__).parent
_CHARTS = "vega.js"
ASSETS = "assets"
_LONG = 30  # rows; a longer table is scrolled
_SLOT = "\x1d"
_TABLE = "<table-of-rows>"
"""Stands in a page before and after the number of a table; no text can say it, as `<` is escaped."""
_HEADING, _NOTHING = Markup("<h2>{}</h2>"), Markup()
_Named = tuple[Heading, Markup]
_Titles = tuple[str, str] | None
_EMBED = "window.vegaEmbed = vegaEmbed;"
SCRIPTS = ("language.js", "published.js", "words.js", "tables.js", "csv.js")
"""Scripts of every page; a page with charts has two more."""
DRAWING = (_CHARTS, "charts.js")


@cache
def environment() -> jinja2.Environment:
    """The templates of the site."""
    made = frame.make_environment(_HERE / "templates", "site")
    made.filters |= {"folder": folder_of}
    named = REPORTS["institution_names"]
    made.globals |= {
        "spoken": {name: named.column(name).spoken for name in ("ownership", "level")},
        "shown": list(SHOWN.values()),
        "sections_of": _sections_of,
        "tiles_of": _tiles_of,
        "open_findings": OPEN,
        "drawings": chart_titles(),
        "trends": {trend.code: trend.indicator for trend in list_trends()},
    }
    return made


def _sections_of(level: Level, filled: Collection[str]) -> Iterator[tuple[Markup, list[Sheet]]]:
    """The title of every indicator that has filled sheets at a level, and these."""
    for title, sheets in _all_sections(level):
        if own := [sheet for sheet in sheets if sheet.code in filled]:
            yield title, own


@cache
def _all_sections(level: Level) -> list[tuple[Markup, list[Sheet]]]:
    return [(_HEADING.format(frame.in_both(*shown.titles)), list(shown.all_sheets(level))) for shown in SHOWN.values()]


class _Tile(NamedTuple):
    """A figure that stands first on a page: what it is called, its value, whose it is, and what stands small below."""

    code: str
    title: Markup
    value: str
    whose: Markup
    beside: list[tuple[Markup, str]]
    note: Markup
    has_others: bool


def _tiles_of(level: Level, summary: Mapping[str, Any]) -> list[_Tile]:
    """The tiles of a page. Of a product or company figures that it has not are no news."""
    found = []
    for figure, (heading, title), others, whose, note in _all_tiles(level):
        value = summary[heading.name]
        if value is None and level in PARTIES:
            continue
        beside = [
            (named, write_number(summary[other.name], other.kind)) for other, named in others if summary[other.name] is not None
        ]
        is_whose = level != "institution" and value is not None
        found.append(
            _Tile(
                figure.code,
                title,
                write_number(value, heading.kind),
                whose if is_whose else _NOTHING,
                beside,
                note,
                bool(figure.tile),
            )
        )
    return found


@cache
def _all_tiles(level: Level) -> list[tuple[Figure, _Named, list[_Named], Markup, Markup]]:
    """What does not depend on the page: each figure, its heading and title, those below, whose it is and its note."""

    def name(figure: Figure) -> _Named:
        heading = figure_heading(figure)
        return heading, frame.in_both(heading.zh, heading.en)

    def say(titles: tuple[str, str]) -> Markup:
        return frame.in_both(*titles) if titles[0] else _NOTHING

    by_code = {figure.code: figure for figure in all_figures()}
    return [
        (figure, name(figure), [name(by_code[code]) for code in figure.tile], say(figure.whose), say(figure.note))
        for figure in all_figures(level)
        if figure.tile is not None
    ]


class Tables:
    """The tables of one page, which stand in its template by marks: they are most of its bytes, and the template copies none."""

    def __init__(self) -> None:
        self._tables: list[list[bytes]] = []

    def enclose(
        self, piece: Piece, titles: _Titles, note: _Titles = None, filter: bool = False, folded: bool = False
    ) -> Markup:
        """The mark of a table with what stands around its rows; nothing where it has none."""
        if not piece.height:
            return _NOTHING
        is_long = piece.height > _LONG
        before, between, after = _write_around(piece.name, piece.width, piece.head, is_long, titles, note, filter, folded)
        self._tables.append([before, _say_rows(piece.height), between, piece.body, after])
        return Markup(f"{_TABLE}{len(self._tables) - 1}{_TABLE}")

    def fill(self, html: str) -> Iterator[bytes]:
        """The bytes of the rendered page in their order, its tables where their marks stand."""
        for at, text in enumerate(html.split(_TABLE)):
            if at % 2:
                yield from self._tables[int(text)]
            else:
                yield text.encode()


@lru_cache(maxsize=4096)
def _write_around(
    name: str, width: int, head: Markup, is_long: bool, titles: _Titles, note: _Titles, filter: bool, folded: bool
) -> list[bytes]:
    """What stands before the number of rows, between it and them, and after them."""
    given = {"name": name, "width": width, "head": head, "is_long": is_long, "titles": titles, "note": note}
    html = environment().get_template("sheet.html.j2").render(given, filter=filter, folded=folded, slot=_SLOT)
    return [part.encode() for part in html.split(_SLOT)]


@lru_cache(maxsize=4096)
def _say_rows(height: int) -> bytes:
    zh, en = words_of("site")["rows"]
    return frame.in_both(zh.format(n=height), en.format(n=height)).encode()


def _charting_version() -> str:
    return f"Vega, Vega-Lite and Vega-Embed of vl-convert {version('vl-convert-python')}"


def program_digest() -> str:
    """Changes with anything that decides how a page looks: templates, words, style, code, what indicators declare."""
    digest = hashlib.sha256((_charting_version() + repr(list(SHOWN.values()))).encode())
    for path in _sources():
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    common = Path(frame.__file__).parent
    found = [p for folder in (_HERE, common) for p in folder.rglob("*") if p.is_file()]
    return sorted(p for p in found if p.suffix in (".py", ".j2", ".css", ".js"))


def write_assets(site: Path, as_of: str) -> None:
    """Write what pages share below `<site>/assets`, each file only where it differs from what is there."""
    assets = {
        "site.css": frame.read_asset("style.css") + (_HERE / "assets" / "site.css").read_text(encoding="utf-8"),
        "language.js": frame.read_asset("language.js"),
        "published.js": f"window.vbpPublished = {json.dumps(as_of)};\n",
        "words.js": "".join(f"window.{name} = {_as_json(value)};\n" for name, value in _read_by_scripts().items()),
        **{name: (_HERE / "assets" / name).read_text(encoding="utf-8") for name in ("tables.js", "csv.js", "charts.js")},
    }
    for name, text in assets.items():
        path = site / ASSETS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            frame.write_whole(path, text)
    _write_charting(site / ASSETS)


def _read_by_scripts() -> dict[str, object]:
    return {"vbpWords": words_of("chart"), "vbpCharts": chart_looks(), "vbpFormula": BEGINS_FORMULA}


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _write_charting(assets: Path) -> None:
    """Vega, Vega-Lite and Vega-Embed in one file, of the library that draws our charts elsewhere."""
    head = f"/* {_charting_version()} */\n"
    path = assets / _CHARTS
    if path.exists():
        with path.open(encoding="utf-8") as file:
            if file.readline() == head:
                return
    frame.write_whole(path, head + _bundle_charting())


@cache
def _bundle_charting() -> str:
    import vl_convert

    return vl_convert.javascript_bundle(_EMBED)
