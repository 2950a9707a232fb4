"""What people see of a report table: its columns in Chinese, with what is joined in beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from pipelines.views.divisions import OWN
from pipelines.views.references import REFERENCES, listed, title_of_name
from pipelines.views.restated import division_of
from schemas.reports import REPORTS, Column, ReportTable
from schemas.table import tell

Dialect = Literal["sqlite", "postgresql"]
JURISDICTION = "统筹区编码"


@dataclass(frozen=True)
class Shown:
    """One column of a people's view: its Chinese title, what it holds, and the SQL behind it.

    `type` is that of the report column, `yuan` for money; `unit` is that of the values shown; `origin` is the
    column of the report table, empty for what is joined in.
    """

    title: str
    type: str
    unit: str
    description: str
    source: str
    origin: str
    sql: str

    @property
    def comment(self) -> str:
        """The comment of the view's column."""
        unit = f" ({self.unit})" if self.unit not in ("", self.type) else ""
        return tell(self.description) + unit


class Part(NamedTuple):
    """Rows of a report table that people see together: what their title ends in, and a condition on the table `t`."""

    suffix_zh: str
    suffix_en: str
    where: str


def parts_of(table: ReportTable) -> tuple[Part, ...]:
    """The parts in which people see a table: one, or first the rows that may be summed and then those that state
    the same money under other rules."""
    if table.alternatives is None:
        return (Part("", "", ""),)
    chosen = table.alternatives
    return (
        Part("", "", f"t.{chosen.column} = '{chosen.value}'"),
        Part(f"_{chosen.suffix_zh}", f", {chosen.suffix_en}", f"t.{chosen.column} <> '{chosen.value}'"),
    )


_ROW_KEYS = {"rejected_records": "t.dataset || '|' || t.record_id", "source_files": "t.run_id || '|' || t.path"}
"""Ledgers whose rows have a division of their own where one is known (`row_divisions`)."""


@dataclass
class _Body:
    """A view in the making."""

    table: ReportTable
    dialect: Dialect
    columns: list[Shown] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    jurisdiction: str = ""

    def join(self, table: str, alias: str, condition: str) -> None:
        self.joins.append(f"LEFT JOIN {table} {alias} ON {condition}")

    def add(self, column: Column, sql: str, *, origin: str = "", title: str = "") -> None:
        self.columns.append(_show(column, sql, self.dialect, origin, title or column.title_zh))


def show(table: ReportTable, dialect: Dialect) -> tuple[tuple[Shown, ...], str]:
    """Return the columns of the people's view of a report table, and its FROM clause, in which the table is `t`.

    Names stand beside codes, Chinese words in place of enumerations; money is yuan, exact in PostgreSQL
    (NUMERIC) and the nearest double in SQLite. A code without a name shows as itself. The division of the row is
    among the columns (统筹区编码) wherever the table or the institution of the row says it. Nothing is computed
    that the table does not hold.
    """
    body = _Body(table, dialect)
    for column in table.columns:
        _add_column(body, column)
    if table.name in _ROW_KEYS:
        body.join("row_divisions", "of_row", f"of_row.table_name = '{table.name}' AND of_row.row_key = {_ROW_KEYS[table.name]}")
        body.jurisdiction = "of_row.jurisdiction_code"
    if table.name == "restatements" and dialect == "postgresql":  # SQLite cannot take a key apart
        body.jurisdiction = division_of()
    if body.jurisdiction and JURISDICTION not in {shown.title for shown in body.columns}:
        _add_jurisdiction(body)
    titles = [shown.title for shown in body.columns]
    if repeated := sorted({title for title in titles if titles.count(title) > 1}):
        raise ValueError(f"people's view of {table.name}: titles {repeated} are not unique")
    if table.figure:  # the run is last: it says nothing of the row
        body.columns.sort(key=lambda shown: shown.origin == "run_id")
    return tuple(body.columns), " ".join([f"FROM {table.name} t", *body.joins])


def _add_column(body: _Body, column: Column) -> None:
    sql = f"t.{column.name}"
    if column.type == "flag":
        words = column.spoken
        body.add(
            column, f"CASE WHEN {sql} THEN '{words['true']}' WHEN NOT {sql} THEN '{words['false']}' END", origin=column.name
        )
        return
    if column.spoken and not column.title_zh.endswith("编码"):
        body.add(column, _speak(sql, column.spoken), origin=column.name)
        return
    if column.refers == "cell":
        body.add(column, _say_cell(sql, body.dialect), origin=column.name)
        return
    body.add(column, sql, origin=column.name)
    if column.days:
        body.columns.append(_count_days(column, sql, body.dialect))
    if column.spoken:
        body.add(column, _speak(sql, column.spoken), title=title_of_name(column.title_zh))
    elif column.refers in REFERENCES:
        _add_names(body, column)
    elif column.refers in listed():
        known = listed()[column.refers]
        body.add(column, _speak(sql, known.words), title=known.title)
    elif column.refers == "column":
        alias = f"of_{column.name}"
        same = f"{alias}.table_name = t.table_name AND {alias}.column_name = {sql}"
        body.join("data_dictionary", alias, same)
        in_yuan = f"CASE WHEN {_is_money(alias)} THEN '（元）' ELSE '' END"
        body.add(column, f"COALESCE({alias}.title_zh || {in_yuan}, {sql})", title="列中文名")
    elif column.refers:
        _add_names_by(body, column, body.table.column(column.refers))


def _add_names(body: _Body, column: Column) -> None:
    """The name of the code, and what else is shown of it; of one beside another of the same kind (the head of an institution)
    its name alone.
    """
    reference, sql, alias = REFERENCES[column.refers], f"t.{column.name}", f"of_{column.name}"
    is_beside = column.name != reference.key and reference.key in body.table.column_names
    body.join(reference.table, alias, f"{alias}.{reference.key} = {sql}")
    for number, shown in enumerate(reference.columns()[: 1 if is_beside else None]):
        own = f"{alias}.{shown.name}"
        if reference.without:
            own = f"REPLACE({own}, '{reference.without}', '')"
        if number == 0:
            if column.refers == "jurisdiction" and (of := body.table.of_divisions):  # other rows speak of the whole
                own = f"CASE WHEN t.{of[0]} = '{of[2]}' THEN {own} ELSE REPLACE({own}, '{OWN}', '') END"
            is_own_title = is_beside or column.refers == "enterprise"
            title = title_of_name(column.title_zh) if is_own_title else shown.title_zh
            body.add(replace(shown, nullable=True), f"COALESCE({own}, {sql})", title=title)
        else:
            body.add(shown, _speak(own, shown.spoken))
    if column.refers in ("jurisdiction", "whole_city"):
        body.jurisdiction = sql
    elif column.refers == "institution" and not body.jurisdiction:
        body.jurisdiction = f"{alias}.jurisdiction_code"


def _add_names_by(body: _Body, column: Column, kind: Column) -> None:
    """The name of a code whose kind another column of the row tells; an item is named by its lot."""
    sql = f"t.{column.name}"
    names, places = [], []
    for value, word in kind.spoken.items():
        is_kind, alias = f"t.{kind.name} = '{value}'", f"of_{value}"
        reference = REFERENCES["lot" if value == "item" else value] if value in _NAMED else None
        if reference is None:
            names.append(f"WHEN '{value}' THEN '{word}'")
            continue
        key = _before_slash(sql, body.dialect) if value == "item" else sql
        body.join(reference.table, alias, f"{is_kind} AND {alias}.{reference.key} = {key}")
        name = f"{alias}.{reference.shows[0]}"
        if value == "item":
            name = f"{name} || substr({sql}, length({key}) + 1)"
        names.append(f"WHEN '{value}' THEN {name}")
        if value == "institution":
            places.append(f"WHEN '{value}' THEN {alias}.jurisdiction_code")
        elif value == "jurisdiction":
            places.append(f"WHEN '{value}' THEN {sql}")
    name = f"COALESCE(CASE t.{kind.name} {' '.join(names)} END, {sql})"
    body.add(column, name, title=title_of_name(column.title_zh))
    if places:
        body.jurisdiction = f"CASE t.{kind.name} {' '.join(places)} END"


_NAMED = {*REFERENCES, "item"}


def _add_jurisdiction(body: _Body) -> None:
    """The division of the row, where the table itself does not hold it."""
    body.join("division_names", "of_place", f"of_place.jurisdiction_code = {body.jurisdiction}")
    code, name = REPORTS["division_names"].columns
    body.add(code, body.jurisdiction)
    body.add(name, f"COALESCE(of_place.name, {body.jurisdiction})")


def _speak(sql: str, words: Mapping[str, str]) -> str:
    """The Chinese word of a value; one that has none shows as itself."""
    if not words:
        return sql
    cases = " ".join(f"WHEN '{value}' THEN '{word}'" for value, word in words.items())
    return f"CASE {sql} {cases} ELSE {sql} END"


def _is_money(alias: str) -> str:
    """Whether the entry of the dictionary is one of money."""
    return f"{alias}.unit IN ('fen', 'fen·day')"


def _say_cell(sql: str, dialect: Dialect) -> str:
    """A value of the column that the row names, as its own view shows it: money in yuan, words for values."""
    yuan = (
        f"CAST(CAST({sql} AS NUMERIC) * 0.01 AS NUMERIC(22, 2))::text"
        if dialect == "postgresql"
        else (f"printf('%.2f', CAST({sql} AS INTEGER) / 100.0)")
    )
    words = " ".join(
        f"WHEN '{table.name}.{column.name}' THEN {_speak(sql, column.spoken)}"
        for table in REPORTS.values()
        if table.figure
        for column in table.columns
        if column.spoken
    )
    named = f"CASE t.table_name || '.' || t.column_name {words} ELSE {sql} END"
    return f"CASE WHEN {_is_money('of_column_name')} THEN {yuan} ELSE {named} END"


def _before_slash(sql: str, dialect: Dialect) -> str:
    if dialect == "postgresql":
        return f"split_part({sql}, '/', 1)"
    return f"substr({sql}, 1, instr({sql} || '/', '/') - 1)"


def _count_days(column: Column, sql: str, dialect: Dialect) -> Shown:
    days = f"t.as_of - {sql}" if dialect == "postgresql" else f"CAST(julianday(t.as_of) - julianday({sql}) AS INTEGER)"
    counted = f"CASE WHEN {sql} <= t.as_of THEN {days} END"
    return Shown(column.days, "count", "day", "Days from the date beside it to as_of, empty before it.", "", "", counted)


def _show(column: Column, sql: str, dialect: Dialect, origin: str, title: str) -> Shown:
    type_, unit = str(column.type), column.unit
    if unit.startswith("fen"):
        type_, unit = "yuan", "yuan" + unit.removeprefix("fen")
        # A product is exact in PostgreSQL where a quotient would be cut to 16 digits.
        sql = f"CAST({sql} * 0.01 AS NUMERIC(22, 2))" if dialect == "postgresql" else f"{sql} / 100.0"
    return Shown(title, type_, unit, column.description, column.source, origin, sql)


def all_shown(dialect: Dialect) -> Iterator[tuple[ReportTable, tuple[Shown, ...], str]]:
    """Every report table with what people see of it."""
    for table in REPORTS.values():
        yield table, *show(table, dialect)
