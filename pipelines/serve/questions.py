"""Questions an auditor may ask, as SQL with `:as_of`; the README prints the same statements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.views.read import AS_OF
from pipelines.views.shown import JURISDICTION, parts_of, show
from pipelines.views.views import HISTORY, quote_name
from schemas.reports import REPORTS, ReportTable

_HEAD = re.compile(r"^-- (\w+): (.+)$", re.MULTILINE)
LATEST_UNLESS_GIVEN = "COALESCE(NULLIF(:as_of, ''), (SELECT MAX(as_of) FROM publications))"


@dataclass(frozen=True)
class Question:
    """A statement by name, with the question in Chinese."""

    name: str
    title: str
    sql: str


@cache
def written_questions() -> tuple[Question, ...]:
    """The questions of `questions.sql` as they stand there."""
    text = (Path(__file__).with_name("questions.sql")).read_text(encoding="utf-8")
    parts = _HEAD.split(text)[1:]
    return tuple(
        Question(name, title, sql.strip().removesuffix(";"))
        for name, title, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )


def ask_everything() -> list[Question]:
    """All questions that a page offers: those written down, and per figure table its rows by date and division.

    A date that is left empty is the latest published one; an empty prefix is every division.
    """
    written = [
        Question(q.name, q.title, q.sql.replace(":as_of", LATEST_UNLESS_GIVEN)) for q in written_questions()
    ]
    return written + [q for report in REPORTS.values() if report.figure for q in _choose_rows(report)]


def _choose_rows(report: ReportTable) -> Iterator[Question]:
    columns, _ = show(report, "sqlite")
    key = [quote_name(column.title) for name in report.key for column in columns if column.origin == name]
    place = f"substr(COALESCE({quote_name(JURISDICTION)}, ''), 1, length(:jurisdiction)) = :jurisdiction"
    for number, part in enumerate(parts_of(report)):
        title = report.title_zh + part.suffix_zh
        sql = (
            f"SELECT * FROM {quote_name(HISTORY + title)}\n"
            f"WHERE {quote_name(AS_OF)} = {LATEST_UNLESS_GIVEN}\n  AND {place}\nORDER BY {', '.join(key)}"
        )
        name = f"by_date_{report.name}" + ("_others" if number else "")
        yield Question(name, f"{title}：按截止日与统筹区", sql)
