"""The score of an institution: weighted rates of the components that have one, and what is judged beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.oversight.assessment.components import Assessed, Sums, names_of, quotient_of
from schemas.component import Component
from schemas.declared import COMPONENTS
from schemas.reports import REPORTS
from schemas.table import Terms

Record = dict[str, Any]
_COLUMNS = frozenset(REPORTS["assessment_scores"].column_names)


@dataclass(frozen=True)
class _Rate:
    """Σ above ÷ Σ below, strict and without what is excused, and why it has none where the denominator is 0."""

    above: Fraction
    below: Fraction
    below_excused: Fraction
    missing: str

    def of(self, excused: bool) -> Fraction | None:
        """The exact rate, not below 0; None where the denominator is 0."""
        below = self.below_excused if excused else self.below
        return max(Fraction(0), self.above / below) if below > 0 else None


def score(assessed: Assessed, weights: Mapping[str, int]) -> Record:
    """Rates, weights, scores (0 to 100, unrounded), what was left out and why, and what is judged beside it.

    A component without a rate is left out and its weight shared by the others in proportion. A voluntary institution
    (private, retail) gets its rates and no score. Components without columns of their own stand in `components`, JSON.
    """
    rates = {code: _divide(component, assessed.sums[code]) for code, component in COMPONENTS.items()}
    is_bound = assessed.ownership == "public"
    row: Record = {"duty": "mandatory" if is_bound else "voluntary"}
    further = {}
    for code, component in COMPONENTS.items():
        own = {
            "rate": _double(rates[code].of(excused=False)),
            "rate_excused": _double(rates[code].of(excused=True)),
            "weight": weights.get(code, 0),
        }
        told = {name: assessed.sums[code].get(name, 0) for name in names_of(component)}
        columns = told | {f"{code}_{name}": value for name, value in own.items()}
        if f"{code}_rate" in _COLUMNS:
            row |= {name: value for name, value in columns.items() if name in _COLUMNS}
        else:
            further[code] = own | told
    row["components"] = json.dumps(further, ensure_ascii=False, sort_keys=True) if further else None
    row["score"] = _double(_weigh(rates, weights, excused=False)) if is_bound else None
    row["score_excused"] = _double(_weigh(rates, weights, excused=True)) if is_bound else None
    row["left_out"] = _say_left_out(rates) or None
    return {**row, **assessed.judged}


def _divide(component: Component, sums: Sums) -> _Rate:
    quotient = quotient_of(component)
    below = _add(quotient.below, sums)
    excused = Fraction(sums.get(component.excused, 0)) if component.excused else Fraction(0)
    reasons = (why for name, why in component.because_zh.items() if sums.get(name, 0))
    return _Rate(_add(quotient.above, sums), below, below - excused, next(reasons, component.missing_zh))


def _add(terms: Terms, sums: Sums) -> Fraction:
    return sum((sign * Fraction(sums.get(name, 0)) for sign, name in terms), Fraction(0))


def _weigh(rates: Mapping[str, _Rate], weights: Mapping[str, int], *, excused: bool) -> Fraction | None:
    found = {code: rate.of(excused) for code, rate in rates.items()}
    held = {code: rate for code, rate in found.items() if rate is not None and weights.get(code, 0)}
    total = sum(weights[code] for code in held)
    return sum((weights[code] * rate for code, rate in held.items()), Fraction(0)) * 100 / total if total else None


def _say_left_out(rates: Mapping[str, _Rate]) -> str:
    reasons = []
    for code, rate in rates.items():
        title = COMPONENTS[code].title_zh
        if rate.of(excused=False) is None:
            reasons.append(f"{title}：{rate.missing}")
        elif rate.of(excused=True) is None:
            reasons.append(f"{title}（剔除正当理由）：全部有正当理由")
    return "；".join(reasons)


def _double(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
