"""Questions an auditor may ask, as SQL with `:as_of`; the README prints those that are written down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipelines.views.read import AS_OF
from pipelines.views.shown import JURISDICTION, parts_of, show
from pipelines.views.views import HISTORY, quote_name
from schemas.declared import beside, declared
from schemas.measure import Measure
from schemas.reports import REPORTS, ReportTable
from schemas.rule import Rule

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
    """Those that somebody wrote: of the indicators (`questions.sql` in their folders), then those beside this file."""
    paths = [*beside("questions.sql").values(), Path(__file__).with_name("questions.sql")]
    return tuple(question for path in paths if path.is_file() for question in _read(path))


def _read(path: Path) -> Iterator[Question]:
    parts = _HEAD.split(path.read_text(encoding="utf-8"))[1:]
    for name, title, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        yield Question(name, title, sql.strip().removesuffix(";"))


def ask_everything() -> list[Question]:
    """All questions that a page offers: those written down, those that follow from the rules and measures of indicators that
    wrote none, and per figure table its rows by date and division.

    A date that is left empty is the latest published one; an empty prefix is every division.
    """
    asked = [*written_questions()]
    for code, path in beside("questions.sql").items():
        if not path.is_file():
            asked += [_ask_rule(rule) for rule in declared("RULES", code)]
            asked += [_ask_measure(measure) for measure in declared("MEASURES", code)]
    asked = [Question(q.name, q.title, q.sql.replace(":as_of", LATEST_UNLESS_GIVEN)) for q in asked]
    return asked + [q for report in REPORTS.values() if report.figure for q in _choose_rows(report)]


def _ask_rule(rule: Rule) -> Question:
    sql = (
        "SELECT institution_code, subject_key, amount_fen / 100.0 AS amount_yuan, quantity, message_zh, clause, due_on\n"
        f"FROM findings WHERE as_of = :as_of AND rule_code = '{rule.code}' AND state = 'open' ORDER BY subject_key"
    )
    return Question(f"open_{rule.code}", f"待处理的“{rule.title_zh}”有哪些？", sql)


def _ask_measure(measure: Measure) -> Question:
    """The rate of each institution, or of whatever a table without institutions has rows of, the lowest first."""
    table = REPORTS[measure.table]
    of = table.column(measure.column).of
    assert of is not None
    above, below = (
        "".join(f" {'-' if sign < 0 else '+'} SUM({name})" for sign, name in terms).removeprefix(" + ")
        for terms in (of.above, of.below)
    )
    where = dict(measure.where) | ({table.rolled_up[0]: "institution"} if table.rolled_up else {})
    if table.rolled_up or "institution_code" in table.column_names:
        whose, title = [table.rolled_up[1] if table.rolled_up else "institution_code"], "机构"
    else:
        whose, title = list(table.key[1:]), "、".join(table.column(c).title_zh.removesuffix("编码") for c in table.key[1:])
    by = ", ".join((*whose, *measure.apart))
    sums = ", ".join(f"SUM({name}) AS {name}" for name in of.columns)
    sql = (
        f"SELECT {by}, {sums}, ({above}) * 1.0 / NULLIF({below}, 0) AS {measure.column}\nFROM {table.name} WHERE as_of = :as_of"
        + "".join(f" AND {name} = '{value}'" for name, value in where.items())
        + f"\nGROUP BY {by} ORDER BY {measure.column}"
    )
    return Question(f"rates_{measure.code}", f"各{title}的{measure.title_zh}", sql)


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
