"""The results of Great Expectations of a run, read from the file the audit wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.store import keys
from pipelines.store.runs import objects_of
from pipelines.store.store import Store

_ROWS = 20


@dataclass(frozen=True)
class Expectation:
    """One expectation: the check that it belongs to, what it asks (SQL, or the library's name with its arguments), whether it
    is met, and up to 20 of the rows that fail it.

    `observed` is the number of failing rows, None where the expectation could not run; `error` says why not. `file`, below
    the run's `audit/failing/`, holds the keys of all that fail.
    """

    name: str
    check_id: str
    description: str
    asks: str
    success: bool
    observed: int | None
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    error: str
    file: str


def read_expectations(home: Store, run_id: str) -> list[Expectation] | None:
    """The expectations of a run, those not met first, then by name; None where the run left no results."""
    store = objects_of(home, run_id)
    if not store.has(keys.RESULTS):
        return None
    found = [_read_one(check_id, outcome) for check_id, outcome in store.read_json(keys.RESULTS).items()]
    return sorted(found, key=lambda e: (e.success, e.name))


def _read_one(name: str, outcome: Mapping[str, Any]) -> Expectation:
    config = outcome.get("expectation_config") or {}
    result = outcome.get("result") or {}
    success = bool(outcome.get("success"))
    failing = (result.get("details") or {}).get("unexpected_rows") or result.get("partial_unexpected_index_list")
    records = [row if isinstance(row, dict) else {"": row} for row in (failing or [])[:_ROWS]]
    columns = list(dict.fromkeys(name for record in records for name in record))
    return Expectation(
        name,
        str((config.get("meta") or {}).get("check_id") or name),
        str(config.get("description") or ""),
        _say_asked(str(config.get("type") or ""), config.get("kwargs") or {}),
        success,
        0 if success else result.get("observed_value", result.get("unexpected_count")),
        columns,
        [["" if record.get(c) is None else str(record[c]) for c in columns] for record in records],
        _read_error(outcome),
        str(outcome.get("all_failing") or ""),
    )


def _say_asked(kind: str, arguments: Mapping[str, Any]) -> str:
    if query := arguments.get("unexpected_rows_query"):
        return str(query)
    if broken_by := arguments.get("broken_by"):
        return f"NOT ({broken_by})"
    own = (f"{name}={value!r}" for name, value in arguments.items() if name != "batch_id")
    return f"{kind}({', '.join(own)})" if kind else ""


def _read_error(outcome: Mapping[str, Any]) -> str:
    if outcome.get("error"):
        return str(outcome["error"])
    info = outcome.get("exception_info") or {}
    if "raised_exception" not in info:  # per metric, where several could fail
        info = next((found for found in info.values() if isinstance(found, dict)), {})
    return str(info.get("exception_message") or "")
