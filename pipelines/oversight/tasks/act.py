"""Acts on tasks: each is named, gives a reason, is kept for good, and shows at once in `tasks`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from pipelines.database.tables import METADATA, valid_at, versions_of
from pipelines.errors import UsageError
from pipelines.publish.tasks.actions import append_action, lock_actions
from pipelines.publish.tasks.keep import last_published, renew_tasks
from schemas.ledgers.task_actions import ACTIONS
from schemas.ledgers.tasks import STATES

Record = dict[str, Any]

_TASKS, _ACTIONS = METADATA.tables["tasks"], METADATA.tables["task_actions"]
_VERSIONS = versions_of("findings")
_SAID = ("action", "by", "department", "assignee", "new_due_on", "note", "as_of")
_OPTIONS = {"department": "--department", "assignee": "--assignee", "new_due_on": "--to", "note": "--note"}
_FROM = {
    "assign": ("open",),
    "note": tuple(STATES),
    "extend": ("open",),
    "close": ("open",),
    "reject": ("open",),
    "reopen": ("closed", "rejected"),
}
"""Act → the states of a task in which it may be done."""


def act(
    engine: sa.Engine,
    finding_id: str,
    action: str,
    *,
    by: str,
    department: str = "",
    assignee: str = "",
    new_due_on: date | None = None,
    note: str = "",
) -> tuple[Record, bool]:
    """Do something about the last task of a finding; return the task as it stands now, and whether anything was done: what the
    last act on it said already is not done again.

    `finding_id` may be the beginning of the number. UsageError where the act lacks what it needs, no finding or several are
    meant, or the task does not stand so that it can be done.
    """
    said = {"by": by, "department": department, "assignee": assignee, "note": note}
    wanted: Record = {c: text.strip() or None for c, text in said.items()} | {"action": action, "new_due_on": new_due_on}
    _require(wanted)
    with engine.begin() as connection:
        lock_actions(connection)
        task = find_task(connection, finding_id)
        wanted["finding_id"] = task["finding_id"]
        wanted |= _seen(connection, task["finding_id"])
        if _is_done(connection, wanted, task):
            return task, False
        _refuse(wanted, task)
        append_action(connection, wanted)
        renew_tasks(connection, task["finding_id"])
        return find_task(connection, task["finding_id"]), True


def find_task(connection: sa.Connection, finding_id: str) -> Record:
    """The last task of the finding whose number begins so; UsageError where none or several do."""
    t = _TASKS.c
    found = sa.select(t.finding_id).where(t.finding_id.startswith(finding_id, autoescape=True)).distinct()
    ids = connection.execute(found.order_by(t.finding_id).limit(2)).scalars().all() if finding_id else []
    if len(ids) != 1 and finding_id not in ids:
        if connection.execute(sa.select(t.finding_id).limit(1)).first() is None:
            raise UsageError("还没有任务：任务台账随每次发布建立，请先执行一次 vbp run")
        many = "不止一个任务" if ids else "没有任务"
        raise UsageError(f"问题编号“{finding_id}”对应的{many}；请用 vbp tasks list 查到的编号")
    query = sa.select(_TASKS).where(t.finding_id == ids[0]).order_by(t.first_seen.desc()).limit(1)
    return dict(connection.execute(query).mappings().one())


def _require(wanted: Mapping[str, Any]) -> None:
    """Every act needs a name, assign whom, extend a day, all but assign a note; none takes what belongs to another."""
    action = wanted["action"]
    lacking = [] if wanted["by"] else ["--by"]
    if action == "assign" and not (wanted["department"] or wanted["assignee"]):
        lacking.append("--department 或 --assignee")
    if action == "extend" and wanted["new_due_on"] is None:
        lacking.append("--to")
    if action != "assign" and not wanted["note"]:
        lacking.append("--note")
    if lacking:
        raise UsageError(f"{ACTIONS[action]}必须写明 {'、'.join(lacking)}，记入任务办理记录")
    foreign = [c for c in ("department", "assignee") if action != "assign" and wanted[c]]
    foreign += ["new_due_on"] if action != "extend" and wanted["new_due_on"] else []
    if foreign:
        raise UsageError(f"{ACTIONS[action]}不能同时写 {'、'.join(_OPTIONS[c] for c in foreign)}；请分别办理")


def _is_done(connection: sa.Connection, wanted: Mapping[str, Any], task: Mapping[str, Any]) -> bool:
    """Whether the last act on the finding, on the same published date, said just this, and the task stands as it left it."""
    query = sa.select(_ACTIONS).where(_ACTIONS.c.finding_id == task["finding_id"])
    last = connection.execute(query.order_by(_ACTIONS.c.action_id.desc()).limit(1)).mappings().one_or_none()
    left = {"close": "closed", "reject": "rejected"}.get(wanted["action"], task["state"])
    return last is not None and all(last[c] == wanted[c] for c in _SAID) and task["state"] == left


def _refuse(wanted: Mapping[str, Any], task: Mapping[str, Any]) -> None:
    """UsageError where the task does not stand so that the act can be done."""
    this, action, state = f"任务 {task['finding_id'][:12]} ", wanted["action"], task["state"]
    if state not in _FROM[action]:
        remedy = {
            "cured": "问题已不存在，再次出现时会另开任务",
            "open": "它本来就待办",
            "closed": "请先 vbp tasks reopen",
            "rejected": "请先 vbp tasks reopen",
        }[state]
        raise UsageError(f"{this}是{STATES[state]}，不能{ACTIONS[action]}：{remedy}")
    day = wanted["new_due_on"]
    if day is not None and day < task["first_seen"]:
        raise UsageError(f"{this}于 {task['first_seen']} 首次发现，不能延期至更早的 {day}")
    if day is not None and day == task["due_on"]:
        raise UsageError(f"{this}的整改期限本来就是 {day}")


def _seen(connection: sa.Connection, finding_id: str) -> Record:
    """The last published date, and what the finding was on it; nothing where it is gone."""
    v, as_of = _VERSIONS, last_published(connection)
    query = sa.select(v.c.amount_fen, v.c.quantity).where(v.c.finding_id == finding_id, valid_at(v, as_of), v.c.state == "open")
    found = connection.execute(query).mappings().one_or_none()
    return {"as_of": as_of, **(found or {})}
