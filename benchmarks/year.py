"""A year of nights in one home: what a night costs, and leaves, when many stand before it.

`python -m benchmarks.year` runs 365 nights on a landing zone of two hundred deliveries, each with one payment that is new, and
prints the CPU seconds of some of them, and the files and KiB that their run still has in the end, without what its audit said.
What a night costs of itself, and what grows with the number of nights, is seen here and nothing else. `--rows 0` lets nothing
land after the first night. `--profile` leaves below `--work` where each of these nights spent its time (`pstats`).
"""

from __future__ import annotations

import argparse
import cProfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path

from benchmarks.later_nights import run_night
from benchmarks.place import AS_OF, Place

_SCALE = 0.0002
_MARKS = (2, 5, 10, 30, 60, 100, 200, 300, 365)
_NEAR = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the nights and print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.year", description=__doc__)
    parser.add_argument("--nights", type=int, default=365)
    parser.add_argument("--rows", type=int, default=1, choices=(0, 1), help="new payments a night; default 1")
    parser.add_argument("--work", type=Path, help="an empty folder to keep; default one that is removed")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args(arguments)
    with nullcontext(options.work) if options.work else tempfile.TemporaryDirectory(prefix="vbp_year_") as work:
        for line in run_year(Place(Path(work)), options.nights, options.rows, profile=options.profile):
            print(line, flush=True)
    return 0


def run_year(place: Place, nights: int, rows: int, *, profile: bool = False) -> Iterator[str]:
    """Run so many nights, one date after another; yield what some cost (the least of three), then what they left."""
    from seeds.generator import generate

    generate(place.landing, _SCALE, 1)
    costs: list[float] = []
    for number in range(1, nights + 1):
        if number > 1 and rows:
            _land_payment(place, number)
        is_marked = number in _MARKS or number == nights
        watched = cProfile.Profile() if profile and is_marked else None
        costs.append(_run(place, AS_OF + timedelta(days=number - 1), watched))
        if watched:
            watched.dump_stats(place.work / f"night-{number:03d}.pstats")
        if is_marked:
            yield f"night {number:>3}: {min(costs[-_NEAR:]):>6.2f} CPU s"
    for number, run in enumerate(sorted((place.home / "runs").iterdir()), start=1):
        if number in _MARKS and number < nights:
            sizes = [p.stat().st_size for p in run.rglob("*") if p.is_file() and "audit" not in p.relative_to(run).parts]
            yield f"night {number:>3}: {len(sizes):>3} files, {sum(sizes) / 1024:>6.0f} KiB left"


def _run(place: Place, as_of: date, watched: cProfile.Profile | None) -> float:
    start = time.process_time()
    with watched or nullcontext():
        run_night(place, place.home, as_of)
    return time.process_time() - start


def _land_payment(place: Place, number: int) -> None:
    """The first payment once more, under a number of its own."""
    payments = place.landing / "payments"
    header, row = min(payments.glob("region-*.csv")).read_text("utf-8-sig").splitlines()[:2]
    institution, _, *rest = row.split(",")
    text = f"{header}\n{','.join((institution, f'YEAR{number:06d}', *rest))}\n"
    (payments / f"year-{number:04d}.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
