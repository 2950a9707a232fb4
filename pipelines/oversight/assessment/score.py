"""The score of an institution: weighted rates of the components that have one; and whether its budget is protected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pipelines.oversight.assessment.components import Assessed

Record = dict[str, Any]

TITLES = {"completion": "约定采购量完成", "payment": "货款支付及时", "two_invoice": "两票制"}


@dataclass(frozen=True)
class _Component:
    """A rate as Σ above ÷ Σ below, the same without what is excused, and why it has none where `below` is 0."""

    above: int
    below: int
    below_excused: int
    missing: str

    def rate(self, excused: bool) -> Fraction | None:
        """The exact rate, not below 0; None where the denominator is 0."""
        below = self.below_excused if excused else self.below
        return max(Fraction(0), Fraction(self.above, below)) if below > 0 else None


def score(assessed: Assessed, weights: Mapping[str, int]) -> Record:
    """Rates, weights, scores (0 to 100, unrounded), what was left out and why, and the conditions of budget protection.

    A component without a rate is left out and its weight shared by the others in proportion. A voluntary institution
    (private, retail) gets its rates and no score.
    """
    components = _components(assessed.sums)
    is_bound = assessed.ownership == "public"
    row: Record = {"duty": "mandatory" if is_bound else "voluntary"}
    for name, component in components.items():
        row[f"{name}_rate"] = _double(component.rate(excused=False))
        row[f"{name}_weight"] = weights.get(name, 0)
        if name != "two_invoice":
            row[f"{name}_rate_excused"] = _double(component.rate(excused=True))
    row["score"] = _double(_weigh(components, weights, excused=False)) if is_bound else None
    row["score_excused"] = _double(_weigh(components, weights, excused=True)) if is_bound else None
    row["left_out"] = _say_left_out(components) or None
    return row | _protect_budget(assessed, is_bound)


def _components(sums: Mapping[str, int]) -> dict[str, _Component]:
    no_commitment = "到期协议都没有中选价格" if sums["unvalued"] else "没有到期协议"
    judged = sums["compliant_fen"] + sums["violation_fen"]
    agreed, matured = sums["agreed_fen"], sums["matured_fen"]
    return {
        "completion": _Component(sums["capped_fen"], agreed, agreed - sums["excused_agreed_fen"], no_commitment),
        "payment": _Component(sums["on_time_fen"], matured, matured - sums["excused_payment_fen"], "没有到期应付货款"),
        # An excused invoice is exempt, in neither sum: the strict rate is the excused one.
        "two_invoice": _Component(sums["compliant_fen"], judged, judged, "没有判定为合规或违规的发票"),
    }  # fmt: skip


def _weigh(
    components: Mapping[str, _Component], weights: Mapping[str, int], *, excused: bool
) -> Fraction | None:
    rates = {name: component.rate(excused) for name, component in components.items()}
    held = {name: rate for name, rate in rates.items() if rate is not None and weights.get(name, 0)}
    total = sum(weights[name] for name in held)
    return (
        sum((weights[name] * rate for name, rate in held.items()), Fraction(0)) * 100 / total
        if total
        else None
    )


def _say_left_out(components: Mapping[str, _Component]) -> str:
    reasons = []
    for name, component in components.items():
        if component.rate(excused=False) is None:
            reasons.append(f"{TITLES[name]}：{component.missing}")
        elif component.rate(excused=True) is None:
            reasons.append(f"{TITLES[name]}（剔除正当理由）：全部有正当理由")
    return "；".join(reasons)


def _protect_budget(assessed: Assessed, is_bound: bool) -> Record:
    """慈政办发〔2020〕68号 二(二)4: contract performed and volume completed and rational use, which nobody computes here."""
    contract = volume = protection = "not_applicable"
    if is_bound and assessed.has_payables:
        contract = "no" if assessed.unexcused_overdue_fen else "yes"
    sums = assessed.sums
    if is_bound and sums["commitments"]:
        volume = "yes" if sums["completed"] + sums["excused"] == sums["commitments"] else "no"
    if "no" in (contract, volume):
        protection = "no"
    elif volume == "yes":
        protection = "undecided"
    return {
        "contract_performed": contract, "volume_completed": volume, "rational_use": "not_assessed",
        "budget_protection": protection,
    }  # fmt: skip


def _double(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
