"""The acts on tasks: only ever added to, each row chained to the one before by its hash, like the run ledger, and sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pipelines.database.ledger import stamp_after
from pipelines.database.seals import canonical, seal
from pipelines.database.tables import METADATA

_ACTIONS = METADATA.tables["task_actions"]


def lock_actions(connection: sa.Connection) -> None:
    """Let nobody else act, or publish tasks, until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"LOCK TABLE {_ACTIONS.name} IN EXCLUSIVE MODE")


def append_action(connection: sa.Connection, act: Mapping[str, Any]) -> dict[str, Any]:
    """Append an act within the caller's transaction, which holds the lock: numbered, stamped, chained and sealed.

    `act` holds columns of `task_actions` but action_id, at and the hashes; return the whole row.
    """
    last = connection.execute(sa.select(_ACTIONS).order_by(_ACTIONS.c.action_id.desc()).limit(1)).first()
    row: dict[str, Any] = dict.fromkeys(_ACTIONS.columns.keys()) | dict(act)
    row["action_id"] = last.action_id + 1 if last else 1
    row["at"] = stamp_after(last.at if last else None)
    row["previous_hash"] = last.row_hash if last else None
    row["row_hash"] = hash_action(row)
    connection.execute(sa.insert(_ACTIONS), [row])
    seal(connection, "task", row["finding_id"], {_ACTIONS.name: [row]})
    return row


def hash_action(row: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no spaces, UTF-8) of the columns of `task_actions` but row_hash."""
    content = {c.name: row.get(c.name) for c in _ACTIONS.columns if c.name != "row_hash"}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def check_actions(connection: sa.Connection) -> list[str]:
    """Return one Chinese line for each act that was changed or slipped in, or whose predecessor is missing.

    Acts taken off the end of the chain are missed by their seals. None where the database is older than tasks.
    """
    if not sa.inspect(connection).has_table(_ACTIONS.name):
        return []
    faults, number, previous = [], 0, None
    for row in connection.execute(sa.select(_ACTIONS).order_by(_ACTIONS.c.action_id)).mappings():
        this = row["action_id"]
        if hash_action(dict(row)) != row["row_hash"]:
            faults.append(f"任务办理记录第 {this} 条被改动过：内容与 row_hash 不符")
        if (this, row["previous_hash"]) != (number + 1, previous):
            faults.append(f"任务办理记录第 {this} 条之前有记录被删除、插入或改动：previous_hash 对不上")
        number, previous = this, row["row_hash"]
    return faults
