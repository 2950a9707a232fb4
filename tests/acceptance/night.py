"""Nights for the tests: a landing zone in, figures and their digest out, without a terminal."""

from datetime import date
from pathlib import Path

import polars as pl

from pipelines.indicators import all_indicators
from pipelines.night import steps as nightly
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.dossier import Audit, note
from pipelines.store.runs import Run


def compute_night(landing: Path, home: Path, as_of: date, database: str = "") -> Run:
    """Every step of a night up to the staged figures; auditing and publishing have tests of their own."""
    given = {"database": database} if database else {}
    run = nightly.begin(Settings(home=home, landing=landing, **given), as_of)
    for portion in nightly.list_portions(run, "ingest"):
        nightly.ingest(run, portion)
    nightly.validate(run)
    for code in all_indicators():
        nightly.compute(run, code)
    nightly.stage(run)
    return run


def digest(run: Run) -> str:
    """The result digest of a computed night."""
    return run.figures.result_digest


def audited(run: Run, *results: dict[str, object]) -> Run:
    """The run as if the audit had found these checks."""
    note(run.store, audit=Audit(results=results, policy_rows=()))
    return run


def counts(run: Run) -> dict[str, int]:
    """Rows read, accepted, rejected and repeated, as the ledger will have them."""
    files = run.store.scan(keys.ledger("source_files")).collect()
    return {c: int(files[c].sum()) for c in ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")}


def report(run: Run, table: str) -> pl.DataFrame:
    """A report table of a computed night."""
    return run.store.scan(keys.report(table)).collect()
