"""Tables whose indicator says nothing about explaining: their rows are those of its evidence that share the key."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.engine.explanation import (
    PLACE,
    Explain,
    Explained,
    Explanation,
    Key,
    Line,
    Scope,
    Step,
    Versions,
)
from pipelines.engine.indicator import Frame, Indicator, Inputs
from pipelines.past.recompute import recompute
from schemas.reports import REPORTS

_NUMBERS = {"double", "fen", "count", "integer"}


def explain_generically(indicator: Indicator, table: str) -> Explained:
    """An `Explained` that any indicator of rows with places can have."""

    def scope(key: Key, versions: Versions) -> Scope:
        own = {
            axis: frozenset({key[f"{axis}_code"]})
            for axis in ("institution", "product")
            if f"{axis}_code" in key
        }
        if indicator.axis == "institution":
            return Scope(institutions=own.get("institution"))
        return Scope(products=own.get("product"))

    def open_(inputs: Inputs) -> Explain:
        evidence = indicator.evidence(inputs)
        rows = recompute(indicator, table, evidence, inputs)
        return lambda key: _explain(key, table, rows, evidence)

    return Explained(table=table, indicator=indicator.code, scope=scope, open=open_)


def _explain(key: Key, table: str, rows: pl.DataFrame, evidence: Mapping[str, Frame]) -> Explanation | None:
    row = rows.filter(pl.col(c).cast(pl.String) == v for c, v in key.items()).to_dicts()
    if not row:
        return None
    steps = tuple(
        Step(c.name, c.title_zh, "按指标代码重算", row[0][c.name])
        for c in REPORTS[table].columns
        if c.type in _NUMBERS and c.name in row[0] and c.name not in key
    )
    lines = [line for name, frame in evidence.items() for line in _list_lines(name, frame, key)]
    return Explanation(
        steps, (), tuple(lines), (), notes=("该指标没有写明逐列公式；以下是与本行主键相同的证据行",)
    )


def _list_lines(name: str, frame: Frame, key: Key) -> list[Line]:
    """The rows of a piece of evidence that agree with the key wherever they have its columns."""
    columns = frame.lazy().collect_schema()
    shared = [c for c in key if c in columns]
    if not shared or not set(PLACE) <= set(columns):
        return []
    found = frame.lazy().filter(pl.col(c).cast(pl.String) == key[c] for c in shared).collect()
    return [
        Line("", row["_file"], row["_sheet"], row["_line"], {}, name, {k: v for k, v in row.items() if k not in PLACE})
        for row in found.to_dicts() if row["_file"] is not None
    ]  # fmt: skip
