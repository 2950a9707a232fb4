"""A row of payment timeliness led back to its receipts, returns and payments (rulebook §5)."""

from __future__ import annotations

from collections import defaultdict
from functools import partial

from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Record
from pipelines.engine.indicator import Inputs
from pipelines.indicators.payment.due_dates import RULES
from pipelines.indicators.payment.explain.formula import steps_of
from pipelines.indicators.payment.explain.payable import explain_payables, rule_of
from pipelines.indicators.payment.explain.world import LISTS, Delivery, World, open_world

_ROW = ("due_rule", "institution_code", "distributor_code", "due_month")


def _open(inputs: Inputs) -> Explain:
    world = open_world(inputs)
    rows: dict[tuple[str, ...], list[Delivery]] = defaultdict(list)
    for delivery, payable in world.payables.items():
        for rule in (*RULES, "applicable"):
            party = (payable["institution_code"], payable["distributor_code"])
            rows[rule, *party, _month(payable, rule)].append(delivery)
    return partial(_find, world=world, rows=rows)


def _find(key: Key, world: World, rows: dict[tuple[str, ...], list[Delivery]]) -> Explanation | None:
    own, rule = rows.get(tuple(key[c] for c in _ROW)), key["due_rule"]
    steps = partial(steps_of, as_of=world.inputs.as_of)
    return explain_payables(key, own, rule, world, lambda p: f"到期月份是 {_month(p, rule)}", steps) if own else None


def _month(payable: Record, rule: str) -> str:
    return str(payable["terms"][f"month_{rule_of(payable, rule)}"])


EXPLAINED = Explained(
    table="payment_timeliness", indicator="payment", open=_open, defaults={"due_rule": "applicable"}, lists=LISTS
)
