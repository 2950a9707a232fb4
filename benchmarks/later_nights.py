"""Later nights: what was dated the last day is held back, a first night is done without it, then it lands."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from benchmarks.place import AS_OF, Place

_DATASETS = ("deliveries", "returns", "invoices", "payments")


def hold_back(place: Place) -> int:
    """Move every row that names the last day from the landing zone into files of their own; return how many.

    They are the orders, deliveries, acceptances, returns, invoices and payments of that day, about three in a
    thousand records.
    """
    held = 0
    for dataset in _DATASETS:
        for path in sorted((place.landing / dataset).iterdir()):
            target = place.held_back / dataset / f"{path.stem}-{AS_OF}{path.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            held += (_split_parquet if path.suffix == ".parquet" else _split_csv)(path, target, AS_OF)
    return held


def land(place: Place) -> None:
    """Put what was held back into the landing zone, once."""
    for path in sorted(p for p in place.held_back.rglob("*") if p.is_file()):
        path.rename(place.landing / path.relative_to(place.held_back))


def run_night(place: Place, home: Path, as_of: date) -> str:
    """A whole night in this process, from landing to published; return its result digest. SystemExit when it was
    not published. Pages and workbooks, which follow, are measured by themselves.
    """
    from pipelines.database.open import METADATA, open_database
    from pipelines.night.run import do_steps
    from pipelines.night.steps import begin
    from pipelines.settings import Settings

    settings = Settings(home=home, landing=place.landing, database="", policies=None, settle_seconds=0)
    run = begin(settings, as_of)
    if (status := do_steps(run, lambda _: None)) != "published":
        raise SystemExit(f"run {run.run_id} was not published but {status}; see check_results")
    runs = METADATA.tables["runs"]
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        found = connection.execute(runs.select().where(runs.c.run_id == run.run_id)).one()
    engine.dispose()
    return str(found.result_digest)


DAY_AFTER = AS_OF + timedelta(days=1)


def _split_csv(path: Path, target: Path, day: date) -> int:
    """Lines are bytes here: whatever the encoding, the digits of a date are the same."""
    mark, kept, held = str(day).encode(), [], []
    with path.open("rb") as lines:
        header = next(lines)
        for line in lines:
            (held if mark in line else kept).append(line)
    if held:
        path.write_bytes(header + b"".join(kept))
        target.write_bytes(header + b"".join(held))
    return len(held)


def _split_parquet(path: Path, target: Path, day: date) -> int:
    import polars as pl

    rows = pl.read_parquet(path)
    of_the_day = pl.any_horizontal((pl.all().cast(pl.String) == str(day)).fill_null(False))
    held = rows.filter(of_the_day)
    if held.height:
        rows.filter(~of_the_day).write_parquet(path)
        held.write_parquet(target)
    return held.height
