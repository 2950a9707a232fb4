"""Tasks for the terminal, and as plain data for one JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from rich.table import Table

from schemas.ledgers.task_actions import ACTIONS
from schemas.ledgers.tasks import STATES
from schemas.reports.findings import RULES

LIMIT = 200
"""So many tasks are shown on a terminal."""


def show_tasks(tasks: Sequence[Mapping[str, Any]], as_of: date | None) -> Table:
    """Tasks (`read_tasks`), at most 200 of them."""
    title = f"任务 {len(tasks):,} 项" + (f"（截至 {as_of}）" if as_of else "")
    table = Table(title=title, title_justify="left")
    for name in ("问题编号", "责任部门与经办人", "医疗机构与责任人", "问题与说明", "首次发现", "整改期限", "状态"):
        table.add_column(name, overflow="fold", no_wrap=name in ("问题编号", "首次发现", "整改期限", "状态"))
    for task in tasks[:LIMIT]:
        table.add_row(
            task["finding_id"][:12],
            _lines(task["department"], task["assignee"]),
            _lines(task["institution_name"] or task["institution_code"], task["responsible"]),
            _lines(RULES.get(task["rule_code"], task["rule_code"]), task["message_zh"], _said(task)),
            str(task["first_seen"]),
            _lines(str(task["due_on"] or ""), "逾期" if task["is_overdue"] else ""),
            STATES[task["state"]],
        )
    return table


def show_actions(actions: Sequence[Mapping[str, Any]]) -> Table:
    """What was done about a finding (`read_actions`)."""
    table = Table(title=f"办理记录 {len(actions)} 条", title_justify="left")
    for name in ("序号", "时间", "办理人", "事项", "内容"):
        table.add_column(name, overflow="fold", no_wrap=name in ("序号", "时间"))
    for act in actions:
        what = tell_action(act)
        table.add_row(str(act["action_id"]), act["at"][:16].replace("T", " "), act["by"], ACTIONS[act["action"]], what)
    return table


def tell_action(act: Mapping[str, Any]) -> str:
    """What an act says, on one line."""
    to = "、".join(filter(None, (act["department"], act["assignee"])))
    until = f"至 {act['new_due_on']}" if act["new_due_on"] else ""
    return "；".join(filter(None, (f"交 {to}" if to else "", until, act["note"] or "")))


def tasks_as_json(
    tasks: Sequence[Mapping[str, Any]], as_of: date | None, actions: Sequence[Mapping[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """All tasks as they stand at `as_of`, each with it; with what was done about the only one that was asked for (`actions`)."""
    more: dict[str, Any] = {} if actions is None else {"actions": [dict(act) for act in actions]}
    return [{"as_of": as_of, **task, **more} for task in tasks]


def _said(task: Mapping[str, Any]) -> str:
    return f"办理说明：{task['note']}" if task["note"] else ""


def _lines(*texts: str | None) -> str:
    return "\n".join(filter(None, texts))
