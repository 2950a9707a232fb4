"""What a run set out to read: its files, where their text is, and what came of taking them in; and in which portions its steps
do their work.

Portions are named by ids and numbers; any process may do one, and do it again. A task of Airflow costs seconds before it does
anything, so a portion is much: of a small night, and of one that carries its figures on, a step is one portion. However large
a night is, no step has more than Airflow maps (1024).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from pipelines.engine.indicator import Indicator, Inputs
from pipelines.errors import VbpError
from pipelines.indicators import all_indicators
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import TakenIn
from pipelines.lake.batches import committed_contents
from pipelines.lake.laid_out import records_of
from pipelines.policy.kept import read_policies
from pipelines.settings import Settings
from pipelines.settle.settle import count_groups
from pipelines.sources.ledger import landed_since
from pipelines.sources.standing import sources_stand
from pipelines.store import keys
from pipelines.store.dossier import LandingFile, note
from pipelines.store.runs import Run
from pipelines.store.store import Object

BYTES = 64 << 20
"""What the files of a portion come to, at least."""
_SMALL_FILE = 128 << 10
"""What a smaller one costs like."""
_OF_FILES, _OF_A_KIND = 500, 32
"""Portions at most: of the files, of a dataset or an indicator."""
_GROUPS = 5
"""Groups of rows of a portion, at least: a million rows."""


def look_around(run: Run, settings: Settings, engine: sa.Engine, say: Callable[[str], None]) -> list[LandingFile]:
    """List the landing zone and write the files down, with how the sources stand from which some of them are fetched. What a
    pull put there is whole, however young it is.
    """
    whole = landed_since(engine, datetime.now(UTC) - timedelta(seconds=run.settle_seconds)) if run.settle_seconds else set()
    seen, kept = committed_contents(run.home), run.home.at("landing_hashes.txt")
    found = discover(run.landing, seen, run.settle_seconds, kept=kept, roots=settings.roots, whole=whole)
    sources = sources_stand(settings.policies, engine)
    note(run.store, files=found, sources=sources)
    for source in sources:
        if source.problem:
            say(f"注意：{source.problem}")
    return found


def files(run: Run) -> list[LandingFile]:
    """The files of the landing zone as the run found them, in the order of upserts."""
    return list(run.dossier.files)


def text(run: Run, number: int) -> Object:
    """The rows of the file of that position, as text."""
    return run.store.at(keys.text(number))


def taken_in(run: Run) -> dict[str, TakenIn]:
    """Path → what came of each new file; VbpError where one has not been taken in yet."""
    noted = [run.store.read_json(key) for key in run.store.list(keys.TAKEN_IN)]
    taken = {name: TakenIn(**t) for portion in noted for name, t in portion.items()}
    if missing := [f.path for f in files(run) if f.status == "new" and f.path not in taken]:
        raise VbpError(f"运行 {run.run_id} 尚未接收文件 {missing[0]} 等 {len(missing)} 个；请从接收步骤重新运行")
    return taken


def left_out(run: Run) -> list[LandingFile]:
    """The files that were not taken in, in order: `skipped`, `waiting`, or `failed` with the reason. A file with the content
    of one that was refused is refused with it: only of what was taken in a second copy is none.
    """
    taken = taken_in(run)
    refused = {(f.dataset, f.sha256): f.path for f in files(run) if f.path in taken and taken[f.path].refused}
    listed = []
    for file in files(run):
        if file.status in ("new", "skipped") and (first := refused.get((file.dataset, file.sha256))):
            message = taken[first].message.replace(first, file.path)
            listed.append(replace(file, status="failed", message=message))
        elif file.status != "new":
            listed.append(file)
    return listed


def file_portions(run: Run) -> list[str]:
    """The new files: `12-57` are those in these positions of the run's list."""
    sizes = {n: max(file.bytes, _SMALL_FILE) for n, file in enumerate(files(run)) if file.status == "new"}
    enough = max(BYTES, math.ceil(sum(sizes.values()) / _OF_FILES))
    portions, first, weight = [], -1, 0
    for number, size in sizes.items():
        first, weight = (number if weight == 0 else first), weight + size
        if weight >= enough or number == max(sizes):
            portions.append(f"{first}-{number}")
            weight = 0
    return portions


def accepted_files(run: Run) -> list[tuple[LandingFile, TakenIn]]:
    """The files that were taken in and may hold rows to accept, in the order of upserts. A step done again finds its files in the
    lake already.
    """
    taken, done = taken_in(run), committed_contents(run.home)
    return [
        (f, taken[f.path])
        for f in files(run)
        if f.path in taken and not taken[f.path].refused and (f.dataset, f.sha256) not in done
    ]


def text_of(run: Run) -> Callable[[LandingFile], Object]:
    """Where the text of each file of the run is."""
    numbers = {f.path: n for n, f in enumerate(files(run))}
    return lambda file: text(run, numbers[file.path])


def row_portions(run: Run) -> list[str]:
    """The rows of new files that are judged by themselves: `deliveries:0-4` are these groups of the dataset's files. Of
    datasets whose new rows are one group, there are none.
    """
    groups = count_groups(accepted_files(run), text_of(run))
    return [p for dataset, count in groups.items() if count > 1 for p in _group(dataset, list(range(count)), _GROUPS)]


def indicator_portions(run: Run) -> dict[str, list[str]]:
    """What is computed at the same time, in four waves: parts (`CODE:0-3`) of indicators that rest on no other,
    `compute_parts`, these indicators themselves (`CODE,CODE`), `compute`, and the same of those that rest on
    them, `resting_parts` and `resting`.

    An indicator has parts of its own where it is computed from nothing and its records are divided. Where none has, all are
    one portion.
    """
    parts = {code: _parts_apart(run, indicator) for code, indicator in all_indicators().items()}
    resting = [code for code, indicator in all_indicators().items() if indicator.rests_on]
    first = [code for code in parts if code not in resting]
    if not any(parts.values()):
        return {"compute_parts": [], "compute": [",".join([*first, *resting])], "resting_parts": [], "resting": []}
    waves: dict[str, list[str]] = {}
    for codes, of_parts, whole in ((first, "compute_parts", "compute"), (resting, "resting_parts", "resting")):
        apart = [code for code in codes if parts[code]]
        together = ",".join(code for code in codes if not parts[code])
        waves[of_parts] = [portion for code in apart for portion in _group(code, parts[code])]
        waves[whole] = [*filter(None, [together]), *apart]
    return waves


def _parts_apart(run: Run, indicator: Indicator) -> list[int]:
    if indicator.code in run.dossier.carried:
        return []
    parts = inputs_of(run, indicator).divided(indicator.axis, indicator.divided_by)
    return [part.part for part in parts] if len(parts) > 1 else []


def _group(code: str, parts: list[int], at_least: int = 1) -> list[str]:
    size = max(at_least, math.ceil(len(parts) / _OF_A_KIND))
    groups = (parts[n : n + size] for n in range(0, len(parts), size))
    return [f"{code}:{group[0]}-{group[-1]}" for group in groups]


def inputs_of(run: Run, indicator: Indicator) -> Inputs:
    """What an indicator is computed from: the run's records, and the policies as they were when it was begun."""
    return Inputs(records_of(run.store), run.as_of, read_policies(run.store).of(indicator.resolved))


def numbers(portion: str) -> range:
    """The numbers from the first to the last of `12-57`."""
    first, _, last = portion.partition("-")
    return range(int(first), int(last) + 1)
