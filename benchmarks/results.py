"""The results: printed, and written as a table, as numbers and as a plot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.measure import Measure
from benchmarks.plot import draw_bars
from benchmarks.yardsticks import ASKED, INDICATORS

NIGHT = ("begin", "ingest", "validate", *INDICATORS, "stage", "audit", "publish")
_SHOWN = (
    "generate",
    "begin",
    "ingest",
    "validate",
    "snapshot",
    *INDICATORS,
    "stage",
    "audit",
    "publish",
    "pages",
    "late records",
    "day after",
    "from nothing",
)
_REMARK = {
    "snapshot": "snapshot (within validate)",
    "generate": "generate (before the night)",
    "pages": "pages (after the night)",
}

LATER = ("late records", "day after")
_EXPLAINED = (
    "Each step ran once, in a process of its own. Wall and CPU seconds are of the work, without starting Python",
    "and the imports before it; peak memory is the whole process's. Our indicators also write their sums, findings and",
    "notes; DuckDB writes the one report table that is named, or each of them, one query after another (all).",
    "The floor reads the columns needed and does nothing with them.",
)
_EXPLAINED_LATER = (
    "The steps are those of a night",
    "without the records of the last day, each in its process. Three nights follow, each whole in one process: `late",
    "records` takes these in for the same date; `day after` has nothing new but the date, on which a policy row begins,",
    "so that all is computed anew; `from nothing` is a fresh home with all records. PostgreSQL ran on the same two",
    "cores; its figures are wall seconds.",
)

Table = tuple[str, list[str], list[list[str]]]


@dataclass(frozen=True)
class Results:
    """Everything a benchmark found: its terms, what each step cost, whether the answers agree. Without yardsticks `agreement`,
    `validation` and `postgres` are empty.
    """

    scale: float
    seed: int
    as_of: str
    input_bytes: int
    machine: dict[str, str]
    steps: dict[str, Measure]
    agreement: dict[str, dict[str, int]]
    validation: dict[str, float]
    digests: dict[str, str]
    postgres: dict[str, float]
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def agrees(self) -> bool:
        """True when DuckDB's answers are ours, row for row, and late records gave the digest of a fresh home."""
        return all(set(found) == {"rows"} for found in self.agreement.values()) and len(set(self.digests.values())) <= 1

    @property
    def night(self) -> float:
        """Wall seconds of the night's steps, without starting processes."""
        return sum(self.steps[name].wall for name in NIGHT)

    def ratios(self) -> dict[str, float]:
        """Ours over each yardstick; under 1 is faster, or smaller, than the yardstick."""
        found = {}
        for code in INDICATORS:
            ours = self.steps[code]
            for called, other in _yardsticks(code, self.steps).items():
                for unit in ("wall", "cpu", "peak"):
                    found[f"{code}/{called} {unit}"] = _divide(getattr(ours, unit), getattr(other, unit))
        if checked := self.validation:
            found["check_rows/bare pass wall"] = _divide(checked["check_rows"], checked["bare"])
            found["check_rows/bare pass cpu"] = _divide(checked["check_rows_cpu"], checked["bare_cpu"])
        for night in LATER if "from nothing" in self.steps else ():
            whole = self.steps["from nothing"]
            for unit in ("wall", "cpu", "peak"):
                found[f"{night}/from nothing {unit}"] = _divide(getattr(self.steps[night], unit), getattr(whole, unit))
        if loads := self.postgres:
            found["postgres/copy wall"] = _divide(loads["stage"] + loads["publish"], loads["copy"])
        return found


def print_results(results: Results) -> None:
    """Print the tables to the terminal."""
    from rich.console import Console
    from rich.table import Table as RichTable

    console = Console()
    console.width = max(console.width, 110)
    for title, header, rows in _tabulate(results):
        table = RichTable(title=title, title_justify="left")
        for number, name in enumerate(header):
            table.add_column(name, justify="right" if number else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    if said := _say_agreement(results):
        console.print(said)


def write_results(results: Results, folder: Path) -> list[Path]:
    """Write `scale-<S>.md`, `.json` and `.svg` below `folder`; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"scale-{results.scale:g}"
    content = {**asdict(results), "night": results.night, "ratios": results.ratios()}
    texts = {
        "md": _write_markdown(results, stem),
        "json": json.dumps(content, ensure_ascii=False, indent=1) + "\n",
        "svg": _plot(results),
    }
    paths = []
    for suffix, text in texts.items():
        path = folder / f"{stem}.{suffix}"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def _tabulate(results: Results) -> list[Table]:
    steps, ratios = results.steps, results.ratios()
    costs = [
        [
            _REMARK.get(name, name),
            f"{steps[name].rows:,}",
            _seconds(steps[name].wall),
            _seconds(steps[name].cpu),
            f"{steps[name].peak / 2**20:,.0f}",
            f"{steps[name].rows_per_second:,.0f}",
        ]
        for name in _SHOWN
        if name in steps
    ]
    beside = []
    for code in INDICATORS:
        for called, other in _yardsticks(code, steps).items():
            beside.append(
                [
                    f"{code} / {called}",
                    *(_seconds(s) for s in (steps[code].wall, other.wall, steps[code].cpu, other.cpu)),
                    *(f"{ratios[f'{code}/{called} {unit}']:.2f}" for unit in ("wall", "cpu", "peak")),
                ]
            )
    for night in LATER if "from nothing" in steps else ():
        after, whole = steps[night], steps["from nothing"]
        beside.append(
            [
                f"{night} / from nothing",
                *(_seconds(s) for s in (after.wall, whole.wall, after.cpu, whole.cpu)),
                *(f"{ratios[f'{night}/from nothing {unit}']:.3f}" for unit in ("wall", "cpu", "peak")),
            ]
        )
    if loads := results.postgres:
        beside.append(
            [
                "PostgreSQL stage + publish / bare COPY",
                *(_seconds(s) for s in (loads["stage"] + loads["publish"], loads["copy"])),
                *("", "", f"{ratios['postgres/copy wall']:.2f}", "", ""),
            ]
        )
    if v := results.validation:
        beside.append(
            [
                "check_rows / bare pass",
                *(_seconds(v[k]) for k in ("check_rows", "bare", "check_rows_cpu", "bare_cpu")),
                *(f"{ratios[f'check_rows/bare pass {unit}']:.2f}" for unit in ("wall", "cpu")),
                "",
            ]
        )
    tables = [
        (
            f"Scale {results.scale:g}: the night takes {results.night:.1f} s",
            ["step", "rows", "wall s", "CPU s", "peak MiB", "rows/s"],
            costs,
        ),
        (
            "Ours over the yardsticks",
            ["ours / yardstick", "ours s", "its s", "ours CPU s", "its CPU s", "wall ratio", "CPU ratio", "peak ratio"],
            beside,
        ),
    ]
    return [table for table in tables if table[2]]


def _say_agreement(results: Results) -> str:
    said = []
    for table, found in results.agreement.items():
        apart = {k: n for k, n in found.items() if k != "rows"}
        said.append(f"{table}: {found['rows']:,} rows " + (f"DIFFER in {apart}" if apart else "equal"))
    answers = ["DuckDB's answers against ours: " + "; ".join(said)] if said else []
    if results.digests:
        same = "the same" if len(set(results.digests.values())) == 1 else "ANOTHER"
        held = results.steps["hold back"].rows
        answers.append(f"{held:,} late records gave {same} result digest as all records from nothing")
    return ". ".join(answers)


def _write_markdown(results: Results, stem: str) -> str:
    terms = {"seed": results.seed, "as of": results.as_of, "landing zone": f"{results.input_bytes / 2**20:,.0f} MiB"}
    lines = [f"# Benchmark, scale {results.scale:g}", ""]
    lines += [" · ".join(f"{k} {v}" for k, v in {**terms, **results.machine}.items()), ""]
    for title, header, rows in _tabulate(results):
        lines += [f"## {title}", "", "| " + " | ".join(header) + " |"]
        lines += ["|---" + "|---:" * (len(header) - 1) + "|"]
        lines += ["| " + " | ".join(row) + " |" for row in rows] + [""]
    checked: list[str] = []
    if v := results.validation:
        found = f"{v['check_rows_good']:,.0f} and {v['bare_good']:,.0f} good."
        checked = [f"`check_rows` and the bare pass each read {v['rows']:,.0f} deliveries and found {found}", ""]
    return "\n".join(
        [
            *lines,
            *([f"{said}.", ""] if (said := _say_agreement(results)) else []),
            *checked,
            f"![wall seconds]({stem}.svg)",
            "",
            *_EXPLAINED,
            *(_EXPLAINED_LATER if "from nothing" in results.steps else ()),
            "",
        ]
    )


def _plot(results: Results) -> str:
    steps = results.steps
    groups = [
        ("Steps of the night", [(name, steps[name].wall, "ours") for name in NIGHT]),
        *(
            (
                f"{code}: ours and yardsticks",
                [
                    ("ours", steps[code].wall, "ours"),
                    *((called, other.wall, other.name.partition(":")[0]) for called, other in _yardsticks(code, steps).items()),
                ],
            )
            for code in INDICATORS
        ),
    ]
    if v := results.validation:
        groups.append(
            ("Row checks of deliveries", [("check_rows", v["check_rows"], "ours"), ("bare pass", v["bare"], "floor")])
        )
    return draw_bars(f"Wall seconds, scale {results.scale:g}", groups)


def _yardsticks(code: str, steps: Mapping[str, Measure]) -> dict[str, Measure]:
    """What an indicator is measured by, by what it is called: DuckDB's queries by the report table that each gives, all of them
    together where they are several, as ours gives every table in its time, and the floor.
    """
    asked = [table for table, of in ASKED.items() if of == code and f"duckdb:{table}" in steps]
    queries = {f"DuckDB {table}": steps[f"duckdb:{table}"] for table in asked}
    found = dict(queries)
    if len(queries) > 1:
        found[f"DuckDB, all {len(queries)}"] = _add(f"duckdb:{code}", list(queries.values()))
    return found | ({"floor": steps[floor]} if (floor := f"floor:{code}") in steps else {})


def _add(name: str, measures: Sequence[Measure]) -> Measure:
    """What measures, one after the other, cost."""
    rows, peak = (max(getattr(m, unit) for m in measures) for unit in ("rows", "peak"))
    wall, cpu, total = (sum(getattr(m, unit) for m in measures) for unit in ("wall", "cpu", "total"))
    return Measure(name, rows, wall, cpu, total, peak)


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def _divide(ours: float, other: float) -> float:
    return ours / other if other else 0.0
