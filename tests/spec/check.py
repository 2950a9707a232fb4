"""Hold an indicator, and its slow reference, to what a text says."""

import importlib
import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.engine.compute import compute
from pipelines.engine.indicator import Inputs
from pipelines.indicators import all_indicators
from pipelines.lake.parts import AXES
from pipelines.policy.files import Placed, read_policy_files
from pipelines.policy.policies import Policies, load_policies
from pipelines.store import keys
from pipelines.store.local import Local
from tests.indicators.records import read_answer, write_records
from tests.spec.tables import compare, read_day, read_records, read_tables


def find_oracle(code: str) -> Callable | None:
    """The slow reference of an indicator: `reference` of its spec, or the function `code` of `tests/reference/<code>.py`."""
    if importlib.util.find_spec(f"tests.reference.{code}"):
        return getattr(importlib.import_module(f"tests.reference.{code}"), code)
    return getattr(importlib.import_module(f"tests.spec.test_{code}"), "reference", None)


def check(code: str, as_of: str, given: str, expect: str, policies: str = "") -> None:
    """Every table in `expect` (report table, `findings`, or evidence by its name) has the rows that are written there.

    The reference is held to the same tables where it makes them, unless `policies` lays other policy rows over ours.
    """
    records, day, tables = read_records(given), read_day(as_of), list(read_tables(expect))
    with TemporaryDirectory() as folder:
        found = _compute(code, records, day, Path(folder), policies, {table.name for table in tables})
    oracle = None if policies else find_oracle(code)
    slow = oracle(records, day) if oracle else {}
    for table in tables:
        compare(table, found[table.name])
        if table.name in slow:
            compare(table, slow[table.name])


def _compute(code: str, records: dict, as_of, folder: Path, policies: str, asked: set[str]) -> dict[str, list[dict]]:
    """The answer, and evidence where that is asked for."""
    indicator = all_indicators()[code]
    reads = {name for each in (indicator, *indicator.rests_on) for name in each.reads}
    inputs = Inputs(write_records(records, folder / "records", {*reads, *AXES}), as_of, _read_policies(policies, folder))
    store = Local(folder)
    compute(indicator, inputs, store)
    answer = {name: rows.to_dicts() for name, rows in read_answer(indicator, store).items()}
    answer["notes"] = _list_notes(store, code)
    evidence = indicator.run(inputs)[0] if not asked <= answer.keys() else {}
    return {name: rows.lazy().collect().to_dicts() for name, rows in evidence.items()} | answer


def _read_policies(site: str, folder: Path) -> Policies:
    if not site:
        return Policies(_our_rows())
    overlay = folder / "policies"
    overlay.mkdir()
    (overlay / "site.toml").write_text(site, encoding="utf-8")
    return load_policies(overlay)


@cache
def _our_rows() -> list[Placed]:
    return read_policy_files(None, None)


def _list_notes(store: Local, code: str) -> list[dict]:
    notes = store.read_json(keys.notes(code))["notes"]
    return [{"title": title, "text": text} for title, text in notes.items()]
