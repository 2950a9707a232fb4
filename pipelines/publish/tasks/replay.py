"""How the tasks of one finding stand: its acts, one after another, over the published dates on which it is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

Act = Mapping[str, Any]
"""A row of `task_actions`."""


class Stretch(NamedTuple):
    """A finding as it stands open from one published date (inclusive) to another (exclusive)."""

    first_seen: dt.date
    since: dt.date
    until: dt.date
    amount_fen: int | None
    quantity: float | None


@dataclass(frozen=True)
class Task:
    """What acts made of a task; None where none of them says, and the terms of policy hold."""

    state: str = "open"
    department: str | None = None
    assignee: str | None = None
    due_on: dt.date | None = None
    note: str | None = None


def replay(stretches: Sequence[Stretch], acts: Iterable[Act], as_of: dt.date) -> dict[dt.date, Task]:
    """First sight → task, of every series of a finding begun by the published date `as_of`, as it stands there.

    `acts` are those of the finding in their order. One counts for the published date on which it was done and for later
    ones, and belongs to the series that had begun last by then; one done on a date before any began, as a late
    publication may leave it, belongs to none. A task closed or rejected is open again from the first date, that one
    included, on which the finding's amount or quantity exceeds what it was at the act; it stays open, until somebody acts
    again, even where they fall back.
    """
    begins = sorted({s.first_seen for s in stretches if s.since <= as_of})
    tasks = dict.fromkeys(begins, Task())
    settled: dict[dt.date, Act] = {}
    for act in acts:
        begun = [day for day in begins if day <= act["as_of"]]
        if act["as_of"] > as_of or not begun:
            continue
        task = begun[-1]
        tasks[task] = _after(tasks[task], act)
        if act["action"] in ("close", "reject", "reopen"):
            settled[task] = act
    for task, act in settled.items():
        seen_since = (s for s in stretches if s.first_seen == task and s.since <= as_of and s.until > act["as_of"])
        if act["action"] != "reopen" and not any(_exceeds(s, act) for s in seen_since):
            tasks[task] = replace(tasks[task], state={"close": "closed", "reject": "rejected"}[act["action"]])
    for task in begins:
        if max(s.until for s in stretches if s.first_seen == task) <= as_of:
            tasks[task] = replace(tasks[task], state="cured")
    return tasks


def _after(task: Task, act: Act) -> Task:
    said = {"due_on": act["new_due_on"], **{c: act[c] for c in ("department", "assignee", "note")}}
    return replace(task, **{c: value for c, value in said.items() if value is not None})


def _exceeds(seen: Stretch, act: Act) -> bool:
    """What is not known counts as nothing."""
    amounts = (seen.amount_fen or 0) > (act["amount_fen"] or 0)
    return amounts or (seen.quantity or 0) > (act["quantity"] or 0)
