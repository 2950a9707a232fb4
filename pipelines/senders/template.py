"""A workbook that a sender fills in, for a dataset: made from its schema alone, and read by the night as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.ingest.workbook import COVER, TEMPLATE
from pipelines.senders.told import Told, steps_of, tell_column, tell_rules
from schemas.records import RECORDS, Column, Dataset
from schemas.records.examples import example_of
from schemas.spellings import FLAGS, first_spellings

_LAST_ROW = 1_048_575
_FORMATS = {"day": "yyyy-mm-dd", "fen": "#,##0.00", "price": "#,##0.00##", "quantity": "General", "count": "0"}
_TEXT = "@"
_COLOURS = {True: "#F8CBAD", False: "#DDEBF7"}
_HEADINGS = ("列名", "必填", "填写什么", "格式", "单位", "可选值", "规则", "示例")
_WIDTHS = (22, 20, 46, 24, 22, 26, 32, 26)
_LINE = 15  # points


def write_templates(folder: Path, datasets: Sequence[str]) -> list[Path]:
    """Write `<folder>/<dataset>/填报模板_<title>.xlsx` for each dataset and return the paths: laid out like the landing zone,
    into which the workbooks go once they are filled in.

    A sheet of the dataset's name with nothing but its header, and a sheet that explains it. The header is marked: `*` and a
    colour on what must be filled, a comment on each cell. Codes and texts are text cells, days days; values are chosen from
    lists. The example row is among the explanations, where no night takes it for a record.
    """
    return [write_template(folder / name / f"{TEMPLATE}_{RECORDS[name].title}.xlsx", RECORDS[name]) for name in datasets]


def write_template(path: Path, dataset: Dataset, rows: Sequence[Mapping[str, str]] = ()) -> Path:
    """Write the template of one dataset, whole or not at all; `rows` (column → cell) stand below the header if there are any."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".xlsx.part")
    book = xlsxwriter.Workbook(partial, {"in_memory": True})
    _write_page(book, dataset, rows)
    _write_cover(book, dataset)
    book.close()
    partial.replace(path)
    return path


def header_of(column: Column) -> str:
    """The header of a column: its title, with a star where each row must have it; the night reads the one as the other."""
    return f"{column.title}*" if is_needed(column) else column.title


def is_needed(column: Column) -> bool:
    """Whether each row must say it itself: what the night supplies need not be there."""
    return column.required and column.default is None and not column.optional_header


def _write_page(book: Any, dataset: Dataset, rows: Sequence[Mapping[str, str]]) -> None:
    page, example = book.add_worksheet(dataset.title), example_of(dataset.name)
    heads = {
        needed: book.add_format(
            {"bold": True, "bg_color": colour, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
        )
        for needed, colour in _COLOURS.items()
    }
    page.set_row(0, 34)
    for position, column in enumerate(dataset.columns):
        style = book.add_format({"num_format": _FORMATS.get(column.kind, _TEXT)})
        page.set_column(position, position, _fit(header_of(column), example[column.name]), style)
        page.write_string(0, position, header_of(column), heads[is_needed(column)])
        told = tell_column(column, dataset)
        page.write_comment(0, position, _comment(told), {"x_scale": 2, "y_scale": 1.5})
        _bind(page, position, column)
        for line, row in enumerate(rows, start=1):
            page.write_string(line, position, row.get(column.name, ""), style)
    page.ignore_errors({"number_stored_as_text": f"A2:XFD{_LAST_ROW + 1}"})
    page.freeze_panes(1, 0)
    _print_on_one_width(page)


def _bind(page: Any, position: int, column: Column) -> None:
    """The list of a column with few values, and the days that a day may be; other cells are judged by the night."""
    kept: dict[str, Any] = {}
    if words := _words(column):
        kept = {"validate": "list", "source": words, "error_message": "请从下拉列表中选择"}
    elif column.kind == "day":
        kept = {
            "validate": "custom",
            "value": f"=ISNUMBER({_cell(position)})",
            "error_type": "warning",
            "error_message": "应为日期，写作 2020-04-05",
        }
    if kept:
        page.data_validation(1, position, _LAST_ROW, position, {"error_title": column.title} | kept)


def _words(column: Column) -> list[str]:
    if column.kind == "flag":
        return list(FLAGS.values())
    return list(first_spellings(column.values).values())


def _cell(position: int) -> str:
    return str(xlsxwriter.utility.xl_rowcol_to_cell(1, position))


def _write_cover(book: Any, dataset: Dataset) -> None:
    page, example = book.add_worksheet(COVER), example_of(dataset.name)
    plain = {"text_wrap": True, "valign": "top"}
    title = book.add_format({"bold": True, "font_size": 14})
    head = book.add_format({"bold": True, "bg_color": _COLOURS[False], "border": 1})
    cells = {
        needed: book.add_format(plain | {"border": 1} | ({"bg_color": _COLOURS[True]} if needed else {}))
        for needed in (True, False)
    }
    text = book.add_format(plain)
    for position, width in enumerate(_WIDTHS):
        page.set_column(position, position, width)
    page.write_string(0, 0, f"{TEMPLATE}：{dataset.title}（{dataset.name}）", title)
    line = 2
    for step in steps_of(dataset):
        page.merge_range(line, 0, line, len(_HEADINGS) - 1, step, text)
        line += 1
    line += 1
    page.write_row(line, 0, _HEADINGS, head)
    page.repeat_rows(line)
    for column in dataset.columns:
        line += 1
        told = tell_column(column, dataset)
        values = "、".join(_words(column))
        shown = (column.title, told.need, told.meaning, told.form, told.unit, values, told.rules, example[column.name])
        page.set_row(line, _LINE * max(-(-_width(cell) // wide) for cell, wide in zip(shown, _WIDTHS, strict=True)))
        for position, cell in enumerate(shown):
            page.write_string(line, position, cell, cells[position == 0 and is_needed(column)])
    line += 2
    for rule in tell_rules(dataset):
        page.merge_range(line, 0, line, len(_HEADINGS) - 1, rule, text)
        line += 1
    _print_on_one_width(page)


def _comment(told: Told) -> str:
    parts = (told.need, told.meaning, f"格式：{told.form}", f"单位：{told.unit}" if told.unit else "", told.rules)
    return "\n".join(filter(None, parts))


def _print_on_one_width(page: Any) -> None:
    """A4, lying, as many pages long as it takes and one wide."""
    page.set_paper(9)
    page.set_landscape()
    page.fit_to_pages(1, 0)


def _fit(*texts: str) -> int:
    """The width at which a code stands on one line."""
    return min(28, max(10, *(_width(text) + 3 for text in texts)))


def _width(text: str) -> int:
    """How many places a text takes; a Chinese character takes two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
