"""One page: what it says, whether that has changed, and its file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.reports.pages.frame import write_parts, write_whole
from pipelines.reports.site.breaks import Broken
from pipelines.reports.site.render import DRAWING, SCRIPTS, Tables, environment
from pipelines.reports.site.sheets.cells import Piece, write_pieces
from pipelines.reports.site.sheets.charts import chart_data
from pipelines.reports.site.sheets.sheet import Filled, Paged
from pipelines.reports.site.sheets.trends import Points

_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Page:
    """A page below the site: its folder ("" is the index), its template, and what it says.

    `key` chooses its rows of the sheets and charts; `facts` are what else its template needs, `trends` the
    points of its rates, `breaks` the days on which what they are rates of changes. `compared` is where the shares of
    institutions stand that it draws beside each other, `beside` are texts of files beside it.
    """

    path: str
    template: str
    key: str
    sheets: Mapping[str, Filled]
    facts: Mapping[str, Any]
    charts: Mapping[str, Paged] = field(default_factory=dict)
    trends: Points = field(default_factory=dict)
    breaks: Broken = field(default_factory=dict)
    compared: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)

    def contents(self) -> Iterator[str]:
        """All that the page says, its tables as digests; not the date, so that a night without news changes no page."""
        yield repr((self.key, self.facts, self.trends, self.breaks, self.compared, sorted(self.beside.items())))
        for sheet in self.sheets.values():
            yield sheet.head
            yield sheet.digests.get(self.key, "")

    @property
    def up(self) -> str:
        """Leads from the page to the index."""
        return "../" * len(Path(self.path).parts)

    def write(self, site: Path, as_of: str, pieces: Mapping[str, Piece]) -> None:
        """Write `index.html` and the files beside it; what else stood beside it is removed."""
        folder = site / self.path
        charts = chart_data(self.charts, self.key, self.trends, self.breaks, as_of)
        if self.compared:
            charts |= {"compared": {"own": self.key}}
        tables = Tables()
        html = (
            environment()
            .get_template(self.template)
            .render(
                sheets=pieces,
                enclose=tables.enclose,
                filled={name for name, piece in pieces.items() if piece.height},
                charts=charts,
                as_of=as_of,
                up=self.up,
                scripts=SCRIPTS + DRAWING if charts else SCRIPTS,
                code=self.key,
                compared=self.compared,
                **self.facts,
            )
        )
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.suffix in (".csv", ".js") and path.name not in self.beside:
                path.unlink()
        for name, text in self.beside.items():
            write_whole(folder / name, text)
        write_parts(folder / "index.html", tables.fill(html))


def write_pages(pages: Iterable[Page], site: Path, as_of: str) -> list[str]:
    """Write pages in the order given, the tables of neighbours that show the same sheets together; return their paths."""
    written: list[str] = []
    batch: list[Page] = []
    rows = 0
    for page in pages:
        if batch and (page.sheets is not batch[0].sheets or page.up != batch[0].up or rows > _ROWS_AT_ONCE):
            _write_batch(batch, site, as_of)
            batch, rows = [], 0
        batch.append(page)
        rows += sum(sheet.count(page.key) for sheet in page.sheets.values())
        written.append(page.path)
    if batch:
        _write_batch(batch, site, as_of)
    return written


def _write_batch(batch: Sequence[Page], site: Path, as_of: str) -> None:
    keys = [page.key for page in batch]
    pieces = {name: write_pieces(sheet, keys, batch[0].up) for name, sheet in batch[0].sheets.items()}
    for page in batch:
        page.write(site, as_of, {name: found[page.key] for name, found in pieces.items()})
