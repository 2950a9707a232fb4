"""An explanation as plain data for one JSON document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.engine.explanation import Line
from pipelines.reports.explain.figure import FigureExplained
from pipelines.reports.explain.line import LineExplained
from pipelines.reports.explain.sources import SentFile
from pipelines.reports.restatements import restated_as_json
from schemas.policies import PolicyRow


def figure_as_json(answer: FigureExplained) -> dict[str, Any]:
    """The explanation of a figure; every line carries its file, sheet and line, money in `shown` is fen."""
    return {
        "table": answer.table,
        "key": dict(answer.key),
        "as_of": answer.as_of.isoformat(),
        "run_id": answer.run_id,
        "finding": _plain(answer.finding),
        "shown": _plain(answer.shown),
        "steps": [_plain(step.__dict__) for step in answer.steps],
        "differences": list(answer.differences),
        "policies": [policy_as_json(row) for row in answer.policies],
        "lines": [line_as_json(line, answer.files[line.file]) for line in answer.lines],
        "left_out": [line_as_json(line, answer.files[line.file]) for line in answer.left_out],
        "notes": list(answer.notes),
        "restatements": [restated_as_json(cell) for cell in answer.restated],
    }


def source_as_json(answer: LineExplained) -> dict[str, Any]:
    """What became of a source line."""
    found = _plain(answer.__dict__ | {"contributions": [c.__dict__ for c in answer.contributions]})
    assert isinstance(found, dict)
    return found


def policy_as_json(row: PolicyRow) -> dict[str, Any]:
    """A policy row as it stands in its file."""
    return row.model_dump(mode="json")


def line_as_json(line: Line, file: SentFile) -> dict[str, Any]:
    """A source row with the file that it was sent in."""
    place = {"file": file.path, "sha256": file.sha256, "archived": file.archived, "sheet": line.sheet, "line": line.line}
    return {
        "dataset": line.dataset,
        **place,
        "role": line.role,
        "key": _plain(line.key),
        "facts": _plain(line.facts),
        "reasons": list(line.reasons),
    }


def _plain(value: Any) -> Any:
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case SentFile():
            return _plain(value.__dict__)
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case _:
            return value
