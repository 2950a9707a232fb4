"""One step of the benchmark per process: `python -m benchmarks.steps NAME --work DIR …` prints what it cost."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agreement import compare
from benchmarks.later_nights import DAY_AFTER, hold_back, land, run_night
from benchmarks.measure import clock
from benchmarks.place import AS_OF, Place
from benchmarks.postgres import compare_loads
from benchmarks.validation import compare_passes
from benchmarks.yardsticks import ASKED, INDICATORS, ask_duckdb, columns_of, scan_floor, write_given

if TYPE_CHECKING:
    from pipelines.store.runs import Run

# A step counts its rows after its clock has stopped.
Step = tuple[Callable[[], object], Callable[[], int]]


def main(arguments: list[str]) -> None:
    """Do the step and print {rows, wall, cpu} as the last line."""
    parser = argparse.ArgumentParser(prog="benchmarks.steps")
    parser.add_argument("name")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.name == "late records":
        land(Place(options.work))
    work, count_rows = _find_step(options.name, Place(options.work), options)
    wall, cpu = clock(work)
    print(json.dumps({"rows": count_rows(), "wall": wall, "cpu": cpu}))


def _find_step(name: str, place: Place, options: argparse.Namespace) -> Step:
    kind, _, of = name.partition(":")
    match kind:
        case "given":
            return lambda: write_given(place.given), lambda: 0
        case "duckdb":
            import duckdb  # noqa: F401  outside the clock

            target, threads = place.yardstick(of), options.threads
            return (
                lambda: ask_duckdb(of, place.records, AS_OF, place.given, target, threads),
                lambda: _rows_of(place, ASKED[of]),
            )
        case "floor":
            rows: list[int] = []
            return lambda: rows.append(scan_floor(of, place.records)), lambda: rows[0]
        case "agree":
            return lambda: place.note("agreement", _compare_all(place)), lambda: 0
        case "hold back":
            held: list[int] = []
            return lambda: held.append(hold_back(place)), lambda: held[0]
        case "late records" | "from nothing" | "day after":
            home = place.fresh if kind == "from nothing" else place.home
            as_of = DAY_AFTER if kind == "day after" else AS_OF
            return lambda: place.note(kind, run_night(place, home, as_of)), lambda: 0
        case "postgres":
            loaded: dict[str, float] = {}
            return lambda: loaded.update(compare_loads(place)), lambda: _note_loads(place, loaded)
        case "validation":
            found: dict[str, float] = {}
            return lambda: found.update(compare_passes(place)), lambda: int(found["rows"])
    return _find_stage(name, place, options)


def _find_stage(name: str, place: Place, options: argparse.Namespace) -> Step:
    from pipelines.lake.batches import last_batch
    from pipelines.lake.snapshot import snapshot
    from pipelines.night import steps as nightly
    from pipelines.settings import Settings
    from pipelines.store.local import Local
    from seeds.generator import generate

    settings = Settings(home=place.home, landing=place.landing, database="", policies=None, settle_seconds=0)
    if name == "generate":
        generated: dict[str, int] = {}
        return (lambda: generated.update(generate(place.landing, options.scale, options.seed)), lambda: sum(generated.values()))
    if name == "begin":
        return lambda: nightly.begin(settings, AS_OF), lambda: len(list(place.landing.rglob("*.*")))
    if name == "pages":
        from pipelines.night.after import after_night

        return lambda: after_night(settings, place.run_id), lambda: len(list((place.home / "site").rglob("*.html")))
    if name not in (*INDICATORS, "ingest", "validate", "snapshot", "stage", "audit", "publish"):
        raise SystemExit(f"unknown step {name}")
    run = nightly.take_up(settings, place.run_id)
    if name in INDICATORS:
        return lambda: nightly.compute(run, name), lambda: _rows_of(place, name)
    stages: dict[str, Step] = {
        "ingest": (lambda: _ingest_all(run), lambda: _rows_read(place)),
        "validate": (lambda: nightly.validate(run), lambda: _rows_read(place)),
        "snapshot": (
            lambda: snapshot(run.home, last_batch(run.home), Local(place.work / "snapshot")),
            lambda: _rows_in(place.work / "snapshot"),
        ),
        "stage": (lambda: nightly.stage(run), lambda: _rows_in(place.run_folder / "reports")),
        "audit": (lambda: nightly.audit(run), lambda: _rows_in(place.run_folder / "reports")),
        "publish": (lambda: _publish(run), lambda: _rows_in(place.run_folder / "reports")),
    }
    return stages[name]


def _note_loads(place: Place, loaded: dict[str, float]) -> int:
    place.note("postgres", loaded)
    return int(loaded["rows"])


def _ingest_all(run: Run) -> None:
    from pipelines.night import steps as nightly

    for portion in nightly.list_portions(run, "ingest"):
        nightly.ingest(run, portion)


def _publish(run: Run) -> None:
    from pipelines.night import steps as nightly

    if (status := nightly.publish(run)) != "published":
        raise SystemExit(f"the run was not published but {status}; see check_results")


def _compare_all(place: Place) -> dict[str, dict[str, int]]:
    reports = place.run_folder / "reports"
    return {table: compare(table, reports, place.yardstick(table)) for table in ASKED}


def _rows_read(place: Place) -> int:
    notes = (place.run_folder / "taken_in").glob("*.json")
    return sum(file["rows_read"] for note in notes for file in json.loads(note.read_bytes()).values())


def _rows_of(place: Place, indicator: str) -> int:
    return sum(_rows_in(place.records / name) for name in columns_of(indicator))


def _rows_in(folder: Path) -> int:
    return sum(_count_rows(path) for path in folder.rglob("*.parquet"))


def _count_rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


if __name__ == "__main__":
    main(sys.argv[1:])
