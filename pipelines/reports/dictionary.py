"""The data dictionary as a Markdown page, and what else in the documents follows from definitions (`make docs`)."""

from __future__ import annotations

import re
from pathlib import Path

from pipelines.views.views import views_of
from schemas.reports import REPORTS, Column, ReportTable
from schemas.table import in_chinese, tell

_PREAMBLE = """# Report tables

Written by `make docs` from the definitions in `schemas/` and `pipelines/indicators/`; do not edit by hand. The same text
stands in the table `data_dictionary`; the comments of a PostgreSQL database say title and English sentence.

Rates are unrounded doubles, null where the denominator is 0. Money is integer fen (0.01 yuan). Quantities are in the
unit named. Dates are Asia/Shanghai business dates (ISO text in SQLite). **Bold** = primary key, ? = may be null.

People's views show the same columns under their 中文名, money in yuan, names beside codes, words for values; their columns stand
in `data_dictionary` too. 依据 names what holds where the row is: national documents, then those of a division.
"""


def write_dictionary() -> str:
    """Return every report table with its columns as Markdown.

    Per column: name, type and unit, Chinese title, what it holds, the values or bounds it is limited to, and
    the clause it rests on. Figure tables come first.
    """
    return "\n".join([_PREAMBLE, *(_write_table(table) for table in _in_order())])


def write_docs(root: Path) -> None:
    """Bring `docs/report-tables.md` and the tables of both READMEs below `root` to what the definitions say."""
    (root / "docs" / "report-tables.md").write_text(write_dictionary(), encoding="utf-8")
    for name in _READMES:
        path = root / name
        path.write_text(with_tables(path.read_text(encoding="utf-8"), name), encoding="utf-8")


_READMES = {"README.md": "| table | what it holds |", "README.zh-CN.md": "| 表 | 所载内容 |"}


def with_tables(readme: str, name: str) -> str:
    """The text of a README with every report table in the table under its head. ValueError where that is not there once."""
    say = in_chinese if name == "README.zh-CN.md" else str
    rows = "".join(f"| `{table.name}` | {say(table.description)} |\n" for table in _in_order())
    head = f"{_READMES[name]}\n|---|---|\n"
    written, found = re.subn(rf"{re.escape(head)}(?:\|.*\n)*", lambda _: head + rows, readme)
    if found != 1:
        raise ValueError(f"{name} has {found} tables under {_READMES[name]}")
    return written


def _in_order() -> list[ReportTable]:
    return sorted(REPORTS.values(), key=lambda table: (not table.figure, table.name))


def _write_table(table: ReportTable) -> str:
    lines = [
        f"## {table.name} {table.title_zh}\n",
        f"{tell(table.description)}\n",
        f"{_name_views(table)}\n",
        "| column | type | 中文名 | 说明 | what it holds | 依据 source |",
        "|---|---|---|---|---|---|",
        *(_write_column(column, is_key=column.name in table.key) for column in table.columns),
    ]
    return "\n".join(lines) + "\n"


def _name_views(table: ReportTable) -> str:
    names = views_of(table.name)
    return "People's view" + ("s" if table.figure else "") + ": " + ", ".join(f"`{name}`" for name in names)


def _write_column(column: Column, *, is_key: bool) -> str:
    name = f"**{column.name}**" if is_key else f"{column.name}{'?' if column.nullable else ''}"
    unit = f", {column.unit}" if column.unit not in ("", column.type) else ""
    cells = (
        name,
        column.type + unit,
        column.title_zh,
        in_chinese(column.description),
        column.description + _write_limits(column),
        column.source,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _write_limits(column: Column) -> str:
    bounds = [f"{sign} {bound:g}" for sign, bound in (("≥", column.minimum), ("≤", column.maximum)) if bound is not None]
    if column.values:
        bounds.append("one of " + ", ".join(f"`{value}`" for value in column.values))
    return f" ({'; '.join(bounds)})" if bounds else ""


if __name__ == "__main__":
    write_docs(Path())
