"""The people's views of the report database, as SQL derived from the report definitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from pipelines.views import excused
from pipelines.views.references import REFERENCES
from pipelines.views.shown import JURISDICTION, Dialect, Part, Shown, all_shown, parts_of
from schemas.reports import REPORTS, ReportTable
from schemas.table import tell

_NAMES = {reference.table for reference in REFERENCES.values()}
_LEDGERS = ("excuse_register", "rejected_records", "source_files", "restatements")
"""Ledgers of which a county is shown its own rows, where their division is known, and how many there are where it is not."""
_OF_COUNTIES = (*_NAMES, *_LEDGERS, "task_ledger")
LATEST, HISTORY, OWN = "最新_", "历史_", "本地区_"


@dataclass(frozen=True)
class View:
    """A view: its name, the report table it shows, what it is, its columns, and the SELECT behind it."""

    name: str
    table: ReportTable
    comment: str
    columns: tuple[Shown, ...]
    select: str
    is_own: bool = False

    @property
    def title(self) -> str:
        """Its name without what says of which dates and for whom it is."""
        return self.name.removeprefix(OWN).removeprefix(LATEST).removeprefix(HISTORY)

    @property
    def has_jurisdiction(self) -> bool:
        """Whether the rows say which division they belong to."""
        return any(shown.title == JURISDICTION for shown in self.columns)

    def statements(self, dialect: Dialect) -> list[str]:
        """The SQL that makes it, with its comments where the database keeps them."""
        barrier = " WITH (security_barrier)" if self.is_own else ""
        create = f"CREATE VIEW {quote_name(self.name)}{barrier} AS {self.select}"
        if dialect == "sqlite":
            return [create]
        comments = [
            f"COMMENT ON COLUMN {quote_name(self.name)}.{quote_name(shown.title)} IS {quote_text(shown.comment)}"
            for shown in self.columns
        ]
        return [create, f"COMMENT ON VIEW {quote_name(self.name)} IS {quote_text(self.comment)}", *comments]


@cache
def people_views(dialect: Dialect) -> tuple[View, ...]:
    """Every view, in the order in which they can be made.

    A figure table has two, of the latest published date (最新_…) and of all (历史_…), any other table one of its own Chinese
    name; what excuses move has one more. Rows that state the same money again under other rules stand in two views of their
    own (…_各规则), so that a plain sum of a view counts nothing twice. In PostgreSQL figures, names and ledgers whose rows
    belong to a division have a twin (本地区_…) that shows a reader of `readers` the rows of the divisions it is registered for
    and nothing else; how many rows of ledgers are of no division that is known, one more says.
    """
    ledgers = [view for found in all_shown(dialect) for view in _make_views(*found)]
    views = [*ledgers, _excused(dialect)]
    if dialect == "sqlite":
        return tuple(views)
    own = [_own_rows(view) for view in views if _is_for_counties(view)]
    return (*views, *own, _unplaced([view for view in ledgers if view.table.name in _LEDGERS]))


def _is_for_counties(view: View) -> bool:
    """Figures, names and ledgers whose rows belong to a division; drafts, samples and what is said of single tasks are not a
    county's to see.
    """
    return view.has_jurisdiction and (view.table.figure or view.table.name in _OF_COUNTIES)


def view_of(table: str, *, latest: bool = False) -> str:
    """Name of the people's view of a report table; of a figure table the history unless `latest`."""
    report = REPORTS[table]
    return (LATEST if latest else HISTORY) + report.title_zh if report.figure else report.title_zh


def views_of(table: str) -> list[str]:
    """Names of all people's views of a report table, the latest date before the history."""
    report = REPORTS[table]
    prefixes = (LATEST, HISTORY) if report.figure else ("",)
    return [prefix + report.title_zh + part.suffix_zh for part in parts_of(report) for prefix in prefixes]


def quote_name(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _make_views(table: ReportTable, columns: tuple[Shown, ...], source: str) -> Iterator[View]:
    listed = ", ".join(f"{shown.sql} AS {quote_name(shown.title)}" for shown in columns)
    select = f"SELECT {listed} {source}"
    if not table.figure:
        yield View(table.title_zh, table, tell(table.description), columns, select)
        return
    latest = "t.as_of = (SELECT MAX(as_of) FROM publications)"
    for part in parts_of(table):
        title, about = table.title_zh + part.suffix_zh, f"{tell(table.description)}{_tell_part(table, part)}"
        for prefix, dates, where in (
            (HISTORY, "全部已发布的截止日 / all published dates.", [part.where]),
            (LATEST, "最近一个已发布的截止日 / latest published date.", [part.where, latest]),
        ):
            wanted = " AND ".join(filter(None, where))
            yield View(prefix + title, table, f"{about} {dates}", columns, f"{select} WHERE {wanted}" if wanted else select)


def _excused(dialect: Dialect) -> View:
    columns = excused.columns_of(dialect)
    listed = ", ".join(f"{shown.sql} AS {quote_name(shown.title)}" for shown in columns)
    select = f"SELECT {listed} {excused.source_of(dialect)}"
    return View(excused.NAME, REPORTS["excuse_register"], excused.comment(), columns, select)


def _tell_part(table: ReportTable, part: Part) -> str:
    if table.alternatives is None:
        return ""
    chosen = table.column(table.alternatives.column)
    word = chosen.spoken[table.alternatives.value]
    if part.suffix_zh:
        return f" 同一笔钱的其他算法（{chosen.title_zh}不是“{word}”的行），不可与之相加 / the same money again."
    return f" 只含{chosen.title_zh}为“{word}”的行，可以直接求和 / rows that may be summed."


def _own_rows(view: View) -> View:
    """What a reader may see of a view: rows whose division begins with one registered for a role of the reader.

    Inside a view CURRENT_USER is who asks, and pg_has_role speaks of that user; the tables are read with the rights
    of the view's owner.
    """
    select = (
        f"SELECT * FROM {quote_name(view.name)} v WHERE EXISTS (SELECT 1 FROM readers r"
        " JOIN pg_catalog.pg_roles g ON g.rolname = r.role_name"
        " WHERE r.jurisdiction <> '' AND pg_catalog.pg_has_role(g.oid, 'USAGE')"
        f" AND pg_catalog.starts_with(v.{quote_name(JURISDICTION)}, r.jurisdiction))"
    )
    comment = f"{view.comment} 只含本统筹区的行 / rows of the reader's own division only."
    return View(OWN + view.name, view.table, comment, view.columns, select, is_own=True)


def _unplaced(ledgers: Sequence[View]) -> View:
    """How many rows of each ledger are shown to no county, since nobody knows whose they are."""
    table = REPORTS["row_divisions"]
    name, rows = (
        Shown("台账", "text", "", "Ledger.", "", "", ""),
        Shown("统筹区不明的行数", "count", "rows", "Rows of no division that is known.", "", "", ""),
    )
    counts = (
        f"SELECT {quote_text(view.name)}::text AS {quote_name(name.title)}, COUNT(*) AS {quote_name(rows.title)}"
        f" FROM {quote_name(view.name)} v WHERE v.{quote_name(JURISDICTION)} IS NULL"
        for view in ledgers
    )
    comment = "各台账中统筹区不明、不向任何统筹区显示的行数 / rows of ledgers that no county is shown."
    return View(f"{OWN}统筹区不明", table, comment, (name, rows), " UNION ALL ".join(counts), is_own=True)
