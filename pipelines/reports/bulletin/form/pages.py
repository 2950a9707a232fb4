"""The pages of a bulletin: a contents page, one page per section, and one of all sections to be printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from pipelines.reports.bulletin.form.page_charts import draw_pages
from pipelines.reports.bulletin.listing import Cell, Kind, Listing, is_sum
from pipelines.reports.bulletin.subject import Subject
from pipelines.reports.pages.formats import MINUS, MISSING
from pipelines.reports.pages.frame import make_environment, write_whole

_HERE = Path(__file__).parent
MOST_ROWS = 500
"""So many rows of a listing stand on a page; the workbook has all."""
_LONG = 40


@dataclass(frozen=True)
class Section:
    """A section of the bulletin, named by a key of the catalogue."""

    name: str
    listings: Sequence[Listing]


def write_pages(folder: Path, subject: Subject, sections: Sequence[Section], workbook: str) -> Path:
    """Write `<section>.html` for each section and `print.html`; return the latter. `write_contents` comes after it."""
    charts = draw_pages([listing for section in sections for listing in section.listings])
    facts: dict[str, Any] = {
        "subject": subject,
        "parts": sections,
        "charts": charts,
        "tiles": _lay_tiles(sections),
        "most": MOST_ROWS,
        "workbook": workbook,
    }
    for section in sections:
        _write(folder / f"{section.name}.html", "section.html.j2", part=section, **facts)
    _write(folder / "print.html", "print.html.j2", **facts)
    return folder / "print.html"


def write_contents(
    folder: Path,
    subject: Subject,
    sections: Sequence[Section],
    workbook: str,
    pdf: str,
    forms: Sequence[tuple[tuple[str, str], str]],
) -> Path:
    """Write `index.html`; `pdf` is the name of the printed document, empty where there is none, `forms` are titles and names of
    the official forms.
    """
    facts = {"subject": subject, "parts": sections, "tiles": _lay_tiles(sections)}
    _write(folder / "index.html", "index.html.j2", workbook=workbook, pdf=pdf, forms=forms, **facts)
    return folder / "index.html"


def _write(path: Path, template: str, **facts: Any) -> None:
    write_whole(path, _environment().get_template(template).render(**facts))


@cache
def _environment() -> jinja2.Environment:
    environment = make_environment(_HERE / "templates", "bulletin")
    environment.globals["own_style"] = Markup((_HERE / "bulletin.css").read_text(encoding="utf-8"))
    environment.tests["sum"] = is_sum
    environment.filters |= {"td": _write_cell, "head": islice}
    return environment


def _lay_tiles(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """The headlines of the listings as they are printed."""
    told = [(listing.name, listing.headline) for part in sections for listing in part.listings if listing.headline]
    return [
        {
            "name": name,
            "titles": one.titles,
            "value": write_value(one.value, one.kind),
            "more": [text.format(write_value(one.beside, one.kind)) for text in one.words],
        }
        for name, one in told
    ]


def write_value(value: Cell, kind: Kind) -> str:
    """A value as the pages print it."""
    if value is None:
        return MISSING
    if isinstance(value, str | date):
        return str(value)
    match kind:
        case "rate":
            text = f"{float(value):.2%}"
        case "yuan":
            text = f"{value:,.2f}"
        case "quantity":
            text = f"{float(value):,.4f}".rstrip("0").rstrip(".")
        case _:
            text = f"{int(value):,}"
    return text.replace("-", MINUS)


def _write_cell(value: Cell, kind: Kind) -> Markup:
    text = write_value(value, kind)
    if isinstance(value, date):
        return Markup('<td class="d">{}</td>').format(text)
    if isinstance(value, str):
        style = "long" if len(text) > _LONG else "code" if text.isascii() else "name"
        return Markup('<td class="{}">{}</td>').format(style, text)
    return Markup('<td class="n">{}</td>').format(text)
