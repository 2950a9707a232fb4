"""What a county, a city, a province and the nation need, from what was measured.

`python -m benchmarks.capacity` reads `benchmarks/results/scale-*.json`, prints the cost per million deliveries by stage and
the arithmetic from it, and writes both between the markers of `docs/capacity.md`. A result that lacks an indicator of
today is left out, and named. Costs are CPU seconds, which other work on a machine lengthens little. Bytes are of the same
results, or of `bytes-*.json` beside them, which `--measure-bytes 0.1` makes of one night in a minute or two.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import measure
from benchmarks.place import Place as Work
from benchmarks.yardsticks import INDICATORS

_DOCUMENT = Path(__file__).parents[1] / "docs" / "capacity.md"
_RESULTS = Path(__file__).with_name("results")
_STAGES = ("ingest", "validate", *INDICATORS, "stage", "audit", "publish")
_WHOLE = ("late records", "day after", "from nothing")
_MILLION, _GIB = 1_000_000, 2**30
_YEARS, _DELIVERIES = 3, 5_000
_CORES, _SPARE = 8, 0.6
_NIGHT_HOURS = 4
_GROWTH = 1.2

Result = Mapping[str, Any]
Row = list[str]


@dataclass(frozen=True)
class Place:
    """Where the program is run: its institutions, and where that number is from."""

    name: str
    institutions: int
    source: str


PLACES = (
    Place("county", 15, "石泉县, institutions that got retained surplus (facts, 1)"),
    Place("city", 59, "中卫市, institutions of the 7th batch (facts, 1)"),
    Place("province", 1_182, "浙江, institutions settled directly (facts, 8)"),
    Place("nation", 31 * 1_182, "assumption: 31 provinces like that one"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables and write them into the document; 1 where no result is of today's indicators."""
    parser = argparse.ArgumentParser(prog="benchmarks.capacity", description=__doc__)
    parser.add_argument("results", nargs="*", type=Path, help="default benchmarks/results/scale-*.json")
    parser.add_argument(
        "--measure-bytes", type=float, metavar="SCALE", help="first measure the bytes of one night from nothing"
    )
    parser.add_argument("--document", type=Path, default=_DOCUMENT)
    options = parser.parse_args(arguments)
    if options.measure_bytes:
        measure_bytes(options.measure_bytes, _RESULTS)
    paths = options.results or sorted([*_RESULTS.glob("scale-*.json"), *_RESULTS.glob("bytes-*.json")])
    read = sorted((json.loads(path.read_text("utf-8")) for path in paths), key=lambda r: float(r["scale"]))
    results = [r for r in read if is_of_today(r)]
    for result in read:
        if not (is_of_today(result) or result.get("sizes")):
            print(f"scale {result['scale']:g} left out: measured {result['machine']['measured']}, without indicators of today")
    if not results:
        print("no result to reckon from: make bench SCALE=1", file=sys.stderr)
        return 1
    tables = tabulate(results, [r for r in read if r.get("sizes")])
    for name, text in tables.items():
        print(f"{name}\n\n{text}\n")
    options.document.write_text(fill(options.document.read_text("utf-8"), tables), encoding="utf-8")
    return 0


def is_of_today(result: Result) -> bool:
    """Whether it measured every indicator there is."""
    return set(_STAGES) <= set(result["steps"])


def measure_bytes(scale: float, folder: Path) -> None:
    """Generate a landing zone, take it in by one night, and write `bytes-<S>.json` below `folder`."""
    with tempfile.TemporaryDirectory(prefix="vbp_bytes_") as work:
        place = Work(Path(work))
        given = ["--work", work, "--scale", str(scale), "--seed", "1", "--threads", "2"]
        for name in ("generate", "from nothing"):
            measure(name, given, 2)
        found = {"scale": scale, "input_bytes": place.input_bytes(), "sizes": place.sizes(), "steps": {}}
    (folder / f"bytes-{scale:g}.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def tabulate(results: Sequence[Result], sized: Sequence[Result]) -> dict[str, str]:
    """Marker → table in Markdown. Costs are of the largest scale, bytes of the largest that noted any."""
    tables = {"terms": _terms(results), "stages": _table(*_stages(results))}
    if sized:
        tables |= {"bytes": _table(*_bytes(sized))}
        tables |= {"places": _table(*_places(results[-1], sized[-1]))}
    return tables


def fill(document: str, tables: Mapping[str, str]) -> str:
    """The document with each table between its markers; KeyError for a marker that it does not have."""
    for name, text in tables.items():
        begin, end = f"<!-- capacity:{name} -->", f"<!-- /capacity:{name} -->"
        before, found, rest = document.partition(begin)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise KeyError(f"{begin} … {end}")
        document = f"{before}{begin}\n\n{text}\n\n{end}{after}"
    return document


def _terms(results: Sequence[Result]) -> str:
    measured = (f"scale {r['scale']:g}: {r['machine']['measured']}, load {r['machine']['load before']}" for r in results)
    machine = results[-1]["machine"]
    return f"Measured on {machine['cores']} cores, {machine['memory']}: {'; '.join(measured)}."


def _stages(results: Sequence[Result]) -> tuple[Row, list[Row]]:
    """CPU seconds per million deliveries, and the peak of the process, at each scale."""
    header = ["step", *(f"{what}, scale {r['scale']:g}" for r in results for what in ("CPU s per million", "peak MiB"))]
    rows = []
    for name in (*_STAGES, *_WHOLE):
        cells = [name]
        for result in results:
            step = result["steps"][name]
            cells += [f"{step['cpu'] / result['scale']:.2f}", f"{step['peak'] / 2**20:,.0f}"]
        rows.append(cells)
    return header, rows


def _bytes(results: Sequence[Result]) -> tuple[Row, list[Row]]:
    """MiB per million deliveries (with their invoices, payments and the rest) after one night from nothing."""
    header = ["what", *(f"MiB per million, scale {r['scale']:g}" for r in results)]
    rows = [["landing zone", *(_mib(r["input_bytes"] / r["scale"]) for r in results)]]
    rows += [[name, *(_mib(r["sizes"][name] / r["scale"]) for r in results)] for name in results[-1]["sizes"]]
    return header, rows


def _places(cost: Result, size: Result) -> tuple[Row, list[Row]]:
    """The arithmetic for each place, a row for each step of it."""
    header = ["", *(place.name for place in PLACES)]
    columns = [list(_reckon(place, cost, size)) for place in PLACES]
    titles = [title for title, _ in columns[0]]
    return header, [[title, *(column[number][1] for column in columns)] for number, title in enumerate(titles)]


def _reckon(place: Place, cost: Result, size: Result) -> Iterator[tuple[str, str]]:
    yearly = place.institutions * _DELIVERIES / _MILLION
    held = yearly * _YEARS
    per_million = {name: cost["steps"][name]["cpu"] / cost["scale"] for name in _WHOLE}
    late, anew = (per_million[name] * held for name in ("late records", "from nothing"))
    cores = math.ceil(anew / (_NIGHT_HOURS * 3600 * _SPARE))
    workers = math.ceil(cores / _CORES)
    used = min(workers * _CORES, max(cores, 2))
    sizes = {name: value / size["scale"] * held / _GIB for name, value in size["sizes"].items()}
    carried = sizes["records"] + 2 * sizes["sums"]  # a night writes its own beside those it carries on
    stored = (sizes["archive"] + sizes["lake"] + sizes["batches"] + carried) * _GROWTH
    yield "institutions", f"{place.institutions:,}"
    yield f"million deliveries in {_YEARS} years", f"{held:,.2f}"
    yield "CPU hours, everything computed anew", f"{anew / 3600:,.2f}"
    yield "CPU minutes, a night that carries on", f"{late / 60:,.1f}"
    yield f"cores for {_NIGHT_HOURS} hours at most", f"{cores:,}"
    yield f"workers of {_CORES} cores", f"{workers:,}"
    yield "minutes, everything anew", f"{anew / 60 / used / _SPARE:,.0f}"
    yield "minutes, a night that carries on", f"{late / 60 / used / _SPARE:,.1f}"
    yield "GiB for the home", f"{stored:,.1f}"
    yield "GiB for the database, figures of one night", f"{sizes['database']:,.1f}"
    yield "number of institutions from", place.source


def _table(header: Row, rows: Sequence[Row]) -> str:
    lines = [" | ".join(header), "|".join(["---", *["---:"] * (len(header) - 1)]), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" if "---" not in line else f"|{line}|" for line in lines)


def _mib(value: float) -> str:
    return f"{value / 2**20:,.1f}"


if __name__ == "__main__":
    sys.exit(main())
