"""Hold an indicator, and its slow reference, to what a text says."""

import importlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.indicators.compute import shape
from pipelines.indicators.indicator import Inputs, all_indicators
from pipelines.policy import load_policies
from schemas.reports import REPORTS
from tests.indicators.records import write_records
from tests.spec.tables import compare, read_day, read_records, read_tables


def find_oracle(code: str) -> Callable:
    """The slow reference of an indicator: the function `code` of `tests/reference/<code>.py`."""
    return getattr(importlib.import_module(f"tests.reference.{code}"), code)


def check(code: str, as_of: str, given: str, expect: str, policies: str = "") -> None:
    """Every table in `expect` (report table, `findings`, or evidence by its name) has the rows that are written there.

    The reference is held to the same tables where it makes them, unless `policies` lays other policy rows over ours.
    """
    records, day = read_records(given), read_day(as_of)
    with TemporaryDirectory() as folder:
        found = _compute(code, records, day, Path(folder), policies)
    slow = {} if policies else find_oracle(code)(records, day)
    for table in read_tables(expect):
        compare(table, found[table.name])
        if table.name in slow:
            compare(table, slow[table.name])


def _compute(code: str, records: dict, as_of, folder: Path, policies: str) -> dict[str, list[dict]]:
    indicator = all_indicators()[code]
    overlay = folder / "policies"
    overlay.mkdir()
    (overlay / "site.toml").write_text(policies, encoding="utf-8")
    inputs = Inputs(write_records(records, folder / "records"), as_of, load_policies(overlay))
    evidence = indicator.evidence(inputs)
    reports = indicator.reports(evidence)
    found = evidence | {name: shape(reports[name], REPORTS[name]) for name in indicator.tables}
    found["findings"] = indicator.findings(evidence, reports, inputs)
    found["notes"] = _list_notes(indicator.notes(evidence))
    return {name: rows if isinstance(rows, list) else rows.to_dicts() for name, rows in found.items()}


def _list_notes(notes: dict[str, str]) -> list[dict]:
    return [{"title": title, "text": text} for title, text in notes.items()]
