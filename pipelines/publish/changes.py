"""What a night hands over: per figure table the rows that come and the rows that go, and relative to what.

A changed row is in both files, an equal one in neither. All of it is relative to the publication that stood
for the run's date when the night was computed (`standing`); changes fit no other. A run of a date that is published
says as well why its figures change.
"""

import datetime as dt
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.database.load import ReportFileError
from pipelines.database.standing import Publication

_BASE, _CAUSES = "base.json", "causes.json"

Cause = Literal["late_record", "correction", "withdrawal", "policy", "code"]


@dataclass(frozen=True)
class Causes:
    """Why figures change: `cells` is a Parquet file of `table_name`, `row_key`, `column_name` (as in the table
    restatements) and `cause`; a cell that it does not name has the cause `rest`.
    """

    rest: Cause
    cells: Path | None = None


UNEXPLAINED = Causes("code")
"""Where neither records nor policy rows are known to have changed, what computes has."""


def came(changes_dir: Path, name: str) -> Path:
    """The file of the rows of a figure table that come."""
    return changes_dir / f"{name}.came.parquet"


def gone(changes_dir: Path, name: str) -> Path:
    """The file of the rows of a figure table that go; their key at least."""
    return changes_dir / f"{name}.gone.parquet"


def note_base(changes_dir: Path, base: Publication | None) -> None:
    """Write down, beside the changes, the publication they are relative to."""
    content = {"as_of": base.as_of.isoformat(), "run_id": base.run_id} if base else None
    changes_dir.mkdir(parents=True, exist_ok=True)
    (changes_dir / _BASE).write_text(json.dumps(content), encoding="utf-8")


def read_base(changes_dir: Path) -> Publication | None:
    """Return the publication the changes are relative to; ReportFileError when nobody wrote it down."""
    try:
        content = json.loads((changes_dir / _BASE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReportFileError(f"缺少 {changes_dir / _BASE}，请重新运行计算步骤") from error
    return Publication(dt.date.fromisoformat(content["as_of"]), content["run_id"]) if content else None


def causes_of_cells(changes_dir: Path) -> Path:
    """The file of the causes of single cells."""
    return changes_dir / "causes.parquet"


def note_causes(changes_dir: Path, causes: Causes) -> None:
    """Write down, beside the changes, why they change what is published."""
    content = {"rest": causes.rest, "has_cells": causes.cells is not None}
    (changes_dir / _CAUSES).write_text(json.dumps(content), encoding="utf-8")


def read_causes(changes_dir: Path) -> Causes:
    """Return why the changes change what is published; nobody writes it down where nothing is published."""
    path = changes_dir / _CAUSES
    if not path.exists():
        return UNEXPLAINED
    content = json.loads(path.read_text(encoding="utf-8"))
    return Causes(content["rest"], causes_of_cells(changes_dir) if content["has_cells"] else None)
