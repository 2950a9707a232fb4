"""What a county, a city, a province and the nation need, from what was measured.

`python -m benchmarks.capacity` reads `benchmarks/results/scale-*.json`, prints the cost per million deliveries by stage and
the arithmetic from it, and writes both between the markers of `docs/capacity.md`. Costs are CPU seconds, which other work on
a machine lengthens little. A result that lacks an indicator of today is left out, and named. One of a first night alone
(`bench --first-night`) is a check: what was reckoned from the largest of the others stands beside what it measured.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.results import NIGHT
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
    parser.add_argument("--document", type=Path, default=_DOCUMENT)
    options = parser.parse_args(arguments)
    paths = options.results or sorted(_RESULTS.glob("scale-*.json"))
    read = sorted((json.loads(path.read_text("utf-8")) for path in paths), key=lambda r: float(r["scale"]))
    results = [r for r in read if is_of_today(r)]
    for result in read:
        if not is_of_today(result):
            print(f"scale {result['scale']:g} left out: measured {result['machine']['measured']}, without indicators of today")
    if not any(map(has_later_nights, results)):
        print("no result to reckon from: make bench SCALE=1", file=sys.stderr)
        return 1
    tables = tabulate(results)
    for name, text in tables.items():
        print(f"{name}\n\n{text}\n")
    options.document.write_text(fill(options.document.read_text("utf-8"), tables), encoding="utf-8")
    return 0


def is_of_today(result: Result) -> bool:
    """Whether it measured every indicator there is."""
    return set(_STAGES) <= set(result["steps"])


def has_later_nights(result: Result) -> bool:
    """Whether it measured more than a first night."""
    return set(_WHOLE) <= set(result["steps"])


def tabulate(results: Sequence[Result]) -> dict[str, str]:
    """Marker → table in Markdown. Places are reckoned from the largest scale that measured later nights."""
    of = max(filter(has_later_nights, results), key=lambda result: float(result["scale"]))
    return {
        "terms": _terms(results),
        "stages": _table(*_stages(results)),
        "bytes": _table(*_bytes(results)),
        "places": _table(*_places(of)),
        "check": _table(*_check(of, [r for r in results if not has_later_nights(r)])),
    }


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
            step = result["steps"].get(name)
            cells += [f"{step['cpu'] / result['scale']:.2f}", f"{step['peak'] / 2**20:,.0f}"] if step else ["–", "–"]
        rows.append(cells)
    return header, rows


def _bytes(results: Sequence[Result]) -> tuple[Row, list[Row]]:
    """MiB per million deliveries (with their invoices, payments and the rest) after one night from nothing."""
    header = ["what", *(f"MiB per million, scale {r['scale']:g}" for r in results)]
    rows = [["landing zone", *(_mib(r["input_bytes"] / r["scale"]) for r in results)]]
    rows += [[name, *(_mib(r["sizes"][name] / r["scale"]) for r in results)] for name in results[-1]["sizes"]]
    return header, rows


def _places(of: Result) -> tuple[Row, list[Row]]:
    """The arithmetic for each place, a row for each step of it."""
    header = ["", *(place.name for place in PLACES)]
    columns = [list(_reckon(place, of)) for place in PLACES]
    titles = [title for title, _ in columns[0]]
    return header, [[title, *(column[number][1] for column in columns)] for number, title in enumerate(titles)]


def _check(of: Result, measured: Sequence[Result]) -> tuple[Row, list[Row]]:
    """What a first night costs by the result that places are reckoned from, and what it was measured to cost."""
    header, rows = ["a first night", f"reckoned from scale {of['scale']:g}", "measured", "measured ÷ reckoned"], []
    for result in measured:
        times = result["scale"] / of["scale"]
        found: list[tuple[str, float, float]] = [
            ("CPU minutes", _of_night(of, "cpu") * times / 60, _of_night(result, "cpu") / 60),
            ("minutes, a process a step", _of_night(of, "wall") * times / 60, _of_night(result, "wall") / 60),
            ("highest peak, MiB", _peak(of), _peak(result)),
            *((f"{name}, GiB", size * times / _GIB, result["sizes"][name] / _GIB) for name, size in of["sizes"].items()),
        ]
        rows += [
            [f"scale {result['scale']:g}: {title}", f"{ours:,.1f}", f"{its:,.1f}", f"{its / ours:.2f}" if ours else "–"]
            for title, ours, its in found
        ]
    return header, rows


def _of_night(result: Result, unit: str) -> float:
    return sum(float(result["steps"][name][unit]) for name in NIGHT)


def _peak(result: Result) -> float:
    return max(float(result["steps"][name]["peak"]) for name in NIGHT) / 2**20


def _reckon(place: Place, of: Result) -> Iterator[tuple[str, str]]:
    yearly = place.institutions * _DELIVERIES / _MILLION
    held = yearly * _YEARS
    per_million = {name: of["steps"][name]["cpu"] / of["scale"] for name in _WHOLE}
    late, anew = (per_million[name] * held for name in ("late records", "from nothing"))
    cores = math.ceil(anew / (_NIGHT_HOURS * 3600 * _SPARE))
    workers = math.ceil(cores / _CORES)
    used = min(workers * _CORES, max(cores, 2))
    sizes = {name: value / of["scale"] * held / _GIB for name, value in of["sizes"].items()}
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
