"""Tables whose indicator says nothing about explaining: what its declaration and its evidence say of a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
import polars.selectors as cs

from pipelines.engine.compute import shape
from pipelines.engine.explained_rows import NO_DENOMINATOR, add_terms, add_yuan, codes, distinct, plain, spelling, yuan
from pipelines.engine.explanation import LEFT_OUT, PLACE, Explain, Explained, Explanation, Key, Line, Record, Step
from pipelines.engine.indicator import Frames, Indicator, Inputs
from pipelines.engine.links import run_once
from pipelines.lake.parts import AXES
from schemas.declared import RULES
from schemas.policies import PolicyRow
from schemas.records import RECORDS
from schemas.reports import REPORTS, Column
from schemas.table import in_chinese

_NUMBERS = {"double", "fen", "count", "integer"}
_HIDDEN = {*PLACE, LEFT_OUT}
_POLICY = "_policy_id"
_CAME_OUT = "按指标代码由所列各行得出"


def explain_generically(indicator: Indicator, table: str) -> Explained:
    """An `Explained` that any indicator of rows with places can have: a rate by the quotient that its column declares, any
    other number by what is listed, and the rows of evidence that belong to the key.
    """
    alternatives = REPORTS[table].alternatives

    def open_(inputs: Inputs) -> Explain:
        found = _Recomputed(indicator, table, inputs)
        return found.explain

    return Explained(
        table=table,
        indicator=indicator.code,
        open=open_,
        defaults={alternatives.column: alternatives.value} if alternatives else {},
    )


class _Recomputed:
    """What an indicator makes of the records of a scope: rows, sums, evidence, and the policy rows that it asked for."""

    def __init__(self, indicator: Indicator, table: str, inputs: Inputs) -> None:
        self.indicator, self.table, self.policies = indicator, table, inputs.policies
        before, inputs.policies.used = inputs.policies.used, set()
        evidence, self.sums = run_once(indicator, inputs)
        added = {**self.sums, **indicator.totals(self.sums, inputs)}
        reports = indicator.reports(added, inputs)
        shaped = {name: shape(frame.lazy().collect(), REPORTS[name]) for name, frame in reports.items()}
        self.rows = shaped[table]
        indicator.findings(shaped, added, inputs)  # asks for limits, too
        self.evidence = {
            name: _for_table(frame.lazy().collect(), table)
            for name, frame in evidence.items()
            if set(PLACE) <= set(frame.lazy().collect_schema())
        }
        self.used = inputs.policies.used
        inputs.policies.used = before | self.used

    def explain(self, key: Key) -> Explanation | None:
        """The row of that key explained; None where none comes out."""
        rows = self.rows.filter(pl.col(c).cast(pl.String) == v for c, v in key.items()).to_dicts()
        if not rows:
            return None
        of_key = {name: self._of_key(frame, key) for name, frame in self.evidence.items()}
        lines = [_line_of(row) for frame in of_key.values() for row in frame.to_dicts() if row["_file"] is not None]
        counted = [
            frame.filter(pl.col(LEFT_OUT).is_null()) if LEFT_OUT in frame.columns else frame for frame in of_key.values()
        ]
        return Explanation(
            steps=tuple(self._steps(rows[0], key, counted)),
            policies=self._policies_of(rows[0], counted),
            lines=tuple(line for line in lines if not line.reasons),
            left_out=tuple(line for line in lines if line.reasons),
            notes=() if lines else ("该指标的证据没有写明来源行",),
            concerned=tuple(
                (dataset, {c: codes(key[c]) for c in shared})
                for dataset in self.indicator.reads
                if AXES.get(dataset) == self.indicator.axis
                and (shared := [c.name for c in RECORDS[dataset].columns if c.name in key and c.kind == "code"])
            ),
        )

    def _of_key(self, frame: pl.DataFrame, key: Key) -> pl.DataFrame:
        """The rows of a piece of evidence that belong to the key: by the columns that they share, and for the others by the
        sums of their unit that have them.
        """
        found = frame.filter(pl.lit(True), *(pl.col(c).cast(pl.String) == v for c, v in key.items() if c in frame.columns))
        missing = {c for c in key if c not in frame.columns}
        for sums in map(pl.LazyFrame.collect, (s.lazy() for s in self.sums.values())):
            by = [c for c in self.indicator.unit if c in sums.columns and c in frame.columns]
            if by and missing and missing <= set(sums.columns):
                own = sums.filter(pl.col(c).cast(pl.String) == key[c] for c in missing)
                as_text = [pl.col(c).cast(pl.String) for c in by]
                return found.join(own, left_on=as_text, right_on=as_text, how="semi")
        if len(missing) < len(key):
            return found
        return found.clear()

    def _steps(self, row: Record, key: Key, counted: list[pl.DataFrame]) -> Iterator[Step]:
        """A rate by its quotient, a sum with its terms where evidence or sums have the column, anything else by what its column
        says that it is; what does not apply to the row (null) is left out.
        """
        sums = (frame.lazy().collect() for frame in self.sums.values())
        of_key = [
            frame.filter(pl.col(c).cast(pl.String) == v for c, v in key.items())
            for frame in sums
            if set(key) <= set(frame.columns)
        ]
        for column in REPORTS[self.table].columns:
            name = column.name
            if column.type not in _NUMBERS or name not in row or name in key:
                continue
            if column.of:
                yield _quotient(self.table, column, row)
                continue
            found = (f[name].drop_nulls() for f in (*counted, *of_key) if name in f.columns)
            terms = next((t.to_list() for t in found if t.dtype.is_integer() and t.sum() == row[name]), None)
            if terms is None or column.type not in ("fen", "count"):
                if row[name] is not None:
                    yield Step(name, _definition(column), _CAME_OUT, row[name])
            else:
                numbers = add_yuan(terms) if column.type == "fen" else add_terms(list(map(plain, terms)))
                yield Step(name, f"Σ {column.title_zh}", numbers, sum(terms))

    def _policies_of(self, row: Record, counted: list[pl.DataFrame]) -> tuple[PolicyRow, ...]:
        """Those that the counted rows name; of parameters that they do not name, those asked for in the row's division.

        The clause of a rule is told with its finding.
        """
        named = {v for c, v in row.items() if c.endswith("policy_id")}
        for frame in counted:
            named |= {v for c in frame.columns if c.endswith(_POLICY) for v in frame[c].unique().to_list()}
        rows = {policy.id: policy for policy in self.policies.rows if policy.id in named | self.used}
        told = {rows[id_].parameter for id_ in named if id_ in rows} | {rule.clause for rule in RULES.values()}
        place = row.get("jurisdiction_code") or ""
        asked = set(self.indicator.parameters) - told
        return distinct(
            policy
            for policy in rows.values()
            if policy.id in named or (policy.parameter in asked and place.startswith(policy.jurisdiction))
        )


def _for_table(evidence: pl.DataFrame, table: str) -> pl.DataFrame:
    """Evidence with what it says of that table alone: `left_out_<table>` is why a row is left out of it."""
    own = f"{LEFT_OUT}_{table}"
    rows = evidence.rename({own: LEFT_OUT}) if own in evidence.columns else evidence
    return rows.drop(cs.starts_with(f"{LEFT_OUT}_"))


def _quotient(table: str, column: Column, row: Record) -> Step:
    """A rate by what its column declares: the formula in words and with the numbers of the row."""
    report, of = REPORTS[table], column.of
    assert of is not None

    def number(name: str) -> str:
        return yuan(row[name] or 0) if report.column(name).type == "fen" else plain(row[name] or 0)

    formula = f"{column.title_zh} = {of.told(lambda name: report.column(name).title_zh)}"
    value = row[column.name]
    if of.where:  # the row may be one whose rate is made of other columns
        return Step(column.name, formula, _CAME_OUT, value)
    if all(isinstance(row[name], int) for name in of.columns):
        value = of.value(row)
    return Step(column.name, formula, NO_DENOMINATOR if value is None else of.told(number), value)


def _definition(column: Column) -> str:
    """What a column is, as the dictionary says it in Chinese."""
    said = in_chinese(column.description).rstrip("。")
    return f"{column.title_zh}：{said}" if said else column.title_zh


def _line_of(row: Mapping[str, Any]) -> Line:
    """A row of evidence; its dataset is that of its file, and says what its columns are called."""
    reasons = (str(row[LEFT_OUT]),) if row.get(LEFT_OUT) else ()
    facts = {c: v for c, v in row.items() if c not in _HIDDEN and not c.endswith(_POLICY)}
    return Line("", row["_file"], row["_sheet"], row["_line"], {}, "", facts, reasons)


def rows_listing(place: tuple[int, str, int], keys: pl.DataFrame, evidence: Frames) -> pl.DataFrame:
    """Of the keys of a table (text) those whose rows may list the source row at a place, when they are explained generically:
    whatever the evidence has of that row must agree with the key, as far as both have it.
    """
    is_there = pl.all_horizontal(pl.col(c).eq_missing(pl.lit(value)) for c, value in zip(PLACE, place, strict=True))
    found = [keys.clear()]
    for frame in (frame.lazy() for frame in evidence.values()):
        columns = frame.collect_schema().names()
        if not set(PLACE) <= set(columns):
            continue
        shared = [c for c in keys.columns if c in columns]
        own = frame.filter(is_there).select(*(pl.col(c).cast(pl.String) for c in shared), met=pl.lit(True)).unique().collect()
        if not own.is_empty():
            found.append(keys.join(own, on=shared, how="semi") if shared else keys)
    return pl.concat(found).unique(maintain_order=True)


def of_dataset(line: Line, dataset: str) -> Line:
    """A line of evidence as a record of its dataset: its key, and its facts under Chinese titles."""
    if line.dataset:
        return line
    return Line(
        dataset,
        *line.place,
        key={c: line.facts[c] for c in RECORDS[dataset].key if c in line.facts},
        role=RECORDS[dataset].title,
        facts=dict(told for name, value in line.facts.items() if (told := _tell(dataset, name, value))),
        reasons=line.reasons,
    )


def _tell(dataset: str, name: str, value: Any) -> tuple[str, Any] | None:
    """Title and value of a column of evidence: as the dataset calls it, else a report table; a column that neither knows is
    one of the calculation alone.
    """
    columns = {c.name: c for c in RECORDS[dataset].columns}
    if name in columns:
        title, is_money, value = (columns[name].title, columns[name].kind == "fen", spelling(dataset, name, value))
    else:
        figures = (column for table in REPORTS.values() if table.figure for column in table.columns)
        column = next((column for column in figures if column.name == name), None)
        if column is None:
            return None
        title, is_money = column.title_zh, column.type == "fen"
        value = column.spoken.get(value, value) if isinstance(value, str) else value
    return (f"{title}（元）", yuan(value)) if is_money and value is not None else (title, value)
