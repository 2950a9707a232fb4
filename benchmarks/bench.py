"""The benchmark: a whole night on generated data, step by step, beside two yardsticks on the same files.

`python -m benchmarks.bench --scale 1` generates, runs the night and the yardsticks, prints the ratios and writes
`benchmarks/results/scale-1.{md,json,svg}`. Exit status 1 when DuckDB's answers and ours differ.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Measure, StepFailedError, measure
from benchmarks.place import AS_OF, Place
from benchmarks.results import NIGHT, Results, print_results, write_results
from benchmarks.yardsticks import ASKED, INDICATORS

# The records go when the run is published, so the yardsticks come before.
STEPS = (
    "generate",
    "hold back",
    "begin",
    "ingest",
    "validate",
    "snapshot",
    *INDICATORS,
    "given",
    *(f"duckdb:{table}" for table in ASKED),
    *(f"floor:{code}" for code in INDICATORS),
    "agree",
    "validation",
    "stage",
    "postgres",
    "audit",
    "publish",
    "pages",
    "late records",
    "day after",
    "from nothing",
)
_COSTS = ("generate", "hold back", *NIGHT, "late records", "day after", "from nothing")
"""What docs/capacity.md is made of."""
_FIRST = ("generate", *NIGHT)
_NOTED = {"agreement": "agree", "validation": "validation", "postgres": "postgres"}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark; return 0, or 1 when a step fails or an answer differs."""
    options = _read_options(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=f"scale-{options.scale:g}-", dir=options.work) as folder:
            results = run_bench(Place(Path(folder)), options.scale, options.seed, options.threads, _choose_steps(options))
    except StepFailedError as error:
        print(f"benchmark stopped: {error}", file=sys.stderr)
        return 1
    finally:
        if not any(options.work.iterdir()):
            options.work.rmdir()
    print_results(results)
    paths = write_results(results, options.out)
    print("written: " + ", ".join(str(path) for path in paths))
    return 0 if results.agrees else 1


def _choose_steps(options: argparse.Namespace) -> Sequence[str]:
    if options.first_night:
        return _FIRST
    if options.costs_only:
        return _COSTS
    return [name for name in STEPS if not (name == "pages" and options.no_pages)]


def run_bench(place: Place, scale: float, seed: int, threads: int, names: Sequence[str] = STEPS) -> Results:
    """Measure the steps, each in its own process, one after the other."""
    steps: dict[str, Measure] = {}
    machine = _describe_machine(threads)
    arguments = ["--work", str(place.work), "--scale", str(scale), "--seed", str(seed), "--threads", str(threads)]
    for name in names:
        steps[name] = measure(name, arguments, threads)
        print(f"{name:<22} {steps[name].wall:9.2f} s", file=sys.stderr, flush=True)
    machine["load after"] = _read_load()
    noted = {name: place.noted(name) if step in names else {} for name, step in _NOTED.items()}
    shutil.rmtree(place.work / "snapshot", ignore_errors=True)
    return Results(
        scale,
        seed,
        AS_OF.isoformat(),
        place.input_bytes(),
        machine,
        steps,
        noted["agreement"],
        noted["validation"],
        {name: place.noted(name) for name in ("late records", "from nothing") if name in names},
        noted["postgres"],
        place.sizes(),
    )


def _describe_machine(threads: int) -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "measured": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GiB",
        "threads": str(threads),
        "load before": _read_load(),
        "Python": platform.python_version(),
        **{name: version(name) for name in ("polars", "duckdb", "deltalake")},
    }


def _read_load() -> str:
    """Load averages: other work on the machine lengthens wall seconds, CPU seconds much less."""
    return ", ".join(f"{part:.2f}" for part in os.getloadavg())


def _read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a million deliveries (default 1)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="of Polars and of DuckDB alike (default 2)")
    parser.add_argument("--no-pages", action="store_true", help="leave out the pages that follow the night")
    parser.add_argument("--costs-only", action="store_true", help="what docs/capacity.md is made of: no yardsticks, no pages")
    parser.add_argument("--first-night", action="store_true", help="the steps of one night alone: a check of docs/capacity.md")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results"))
    parser.add_argument("--work", type=Path, default=Path(".bench"), help="for the data, removed at the end")
    options = parser.parse_args(arguments)
    options.work = options.work.resolve()
    return options


if __name__ == "__main__":
    sys.exit(main())
