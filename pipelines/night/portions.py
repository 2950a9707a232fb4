"""What of a step is done by itself: portions, named by ids and numbers, which any process may do, and do again.

A task of Airflow costs seconds before it does anything, so a portion is much: of a small night, and of one that carries its
figures on, a step is one portion. However large a night is, no step has more than Airflow maps (1024).
"""

from __future__ import annotations

import math

from pipelines.engine.indicator import Indicator, Inputs
from pipelines.engine.kept_sums import Sums
from pipelines.indicators import all_indicators
from pipelines.night import plan
from pipelines.night.base import read_carried
from pipelines.policy.kept import read_policies
from pipelines.store import keys
from pipelines.store.runs import Run

BYTES = 64 << 20
"""What the files of a portion come to, at least."""
_SMALL_FILE = 128 << 10
"""What a smaller one costs like."""
_OF_FILES, _OF_AN_INDICATOR = 500, 32
"""Portions at most."""


def file_portions(run: Run) -> list[str]:
    """The new files: `12-57` are those in these positions of the run's list."""
    sizes = {n: max(file.bytes, _SMALL_FILE) for n, file in enumerate(plan.files(run)) if file.status == "new"}
    enough = max(BYTES, math.ceil(sum(sizes.values()) / _OF_FILES))
    portions, first, weight = [], -1, 0
    for number, size in sizes.items():
        first, weight = (number if weight == 0 else first), weight + size
        if weight >= enough or number == max(sizes):
            portions.append(f"{first}-{number}")
            weight = 0
    return portions


def indicator_portions(run: Run) -> dict[str, list[str]]:
    """What is computed at the same time, in four waves: parts (`agreed_volume:0-3`) of indicators that rest on no other,
    `compute_parts`, these indicators themselves (`agreed_volume,payment`), `compute`, and the same of those that rest on
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
    if indicator.code in read_carried(run):
        return []
    parts = inputs_of(run, indicator).divided(indicator.axis, indicator.divided_by)
    return [part.part for part in parts] if len(parts) > 1 else []


def _group(code: str, parts: list[int]) -> list[str]:
    size = math.ceil(len(parts) / _OF_AN_INDICATOR)
    groups = (parts[n : n + size] for n in range(0, len(parts), size))
    return [f"{code}:{group[0]}-{group[-1]}" for group in groups]


def begin_indicators(run: Run) -> None:
    """Remove what an earlier attempt left of them, parts that were computed by themselves too."""
    for indicator in all_indicators().values():
        Sums(run.store, indicator).clear()


def inputs_of(run: Run, indicator: Indicator) -> Inputs:
    """What an indicator is computed from: the run's records, and the policies as they were when it was begun."""
    return Inputs(run.store.below(keys.RECORDS), run.as_of, read_policies(run.store).of(indicator.resolved))


def numbers(portion: str) -> range:
    """The numbers from the first to the last of `12-57`."""
    first, _, last = portion.partition("-")
    return range(int(first), int(last) + 1)
