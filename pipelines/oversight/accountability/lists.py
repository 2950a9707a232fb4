"""The life of a list: drafted from published figures, objected to (see `objections`), final.

A list is numbered by the digest of what it says. A newer draft of the same date and divisions supersedes an older draft; a
final list never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.seals import hold_to_seal, reseal
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError, VbpError
from pipelines.oversight.accountability.items import list_items
from pipelines.oversight.sealed import number_of, seal_rows
from pipelines.past.past_run import find_run
from pipelines.policy.calendar import working_days
from pipelines.policy.policies import Policies, load_policies
from pipelines.publish.frozen import lock_publication
from pipelines.store.store import Store
from schemas.reports import REPORTS

Record = dict[str, Any]

_LISTS, _ITEMS = METADATA.tables["accountability_lists"], METADATA.tables["accountability_items"]
LATER = (
    "list_id",
    "objections_until",
    "objected_on",
    "objected_by",
    "objection_note",
    "objection_recorded_at",
    "decision",
    "decided_by",
    "decision_note",
    "decision_document_no",
    "decided_at",
)
"""What is added to an item after it was drafted, and its clocks."""
_CONTENT = [c for c in REPORTS["accountability_items"].column_names if c not in LATER]


@dataclass(frozen=True)
class Drafted:
    """What a draft came to: the list, whether it is new, which drafts it superseded, and what must be said (Chinese)."""

    list_id: str
    is_new: bool
    superseded: Sequence[str]
    remarks: Sequence[str]


def draft_list(
    engine: sa.Engine, home: Store, overlay: Path | None, *, by: str, at: datetime, as_of: date | None = None, prefix: str = ""
) -> Drafted:
    """Draft the list of a published date (the last one unless `as_of` is given); `prefix` limits the divisions.

    All of it is read at one moment, of the run that stands. Drafted again with the same content it is the list that stands
    already. VbpError where another run was published meanwhile. UsageError where nothing was published for
    the date, or the same content was superseded meanwhile.
    """
    policies = load_policies(overlay)
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, as_of=as_of)
        items = list_items(connection, run, policies, prefix)
    with engine.begin() as connection:
        if (stands := lock_publication(connection, run.as_of)) != run.run_id:
            raise VbpError(f"{run.as_of} 现行发布的已是运行 {stands} 的数字，不是 {run.run_id}：其间另有发布，请重新起草")
        return keep_draft(connection, run.as_of, run.run_id, prefix, items, policies, run.remarks, by=by, at=at)


def keep_draft(
    connection: sa.Connection,
    as_of: date,
    run_id: str,
    prefix: str,
    items: Sequence[Record],
    policies: Policies,
    remarks: Sequence[str] = (),
    *,
    by: str,
    at: datetime,
) -> Drafted:
    """Keep items (`list_items`) as a draft, with the objection period of each named one."""
    require(by=by)
    items = [item | _objection_period(item, prefix, policies, at.date()) for item in items]
    digest = _digest(items, as_of, prefix)
    list_id = number_of(as_of.isoformat(), digest)
    state = connection.execute(sa.select(_LISTS.c.state).where(_LISTS.c.list_id == list_id)).scalar_one_or_none()
    if state == "superseded":
        raise UsageError(f"内容与已被取代的名单 {list_id} 相同；该名单不能恢复，请以现行名单为准")
    if state is not None:
        return Drafted(list_id, False, (), remarks)
    superseded = _supersede(connection, as_of, prefix)
    ends = [item["objections_until"] for item in items if item["part"] == "named"]
    head = {
        "list_id": list_id,
        "as_of": as_of,
        "run_id": run_id,
        "jurisdiction_code": prefix,
        "content_digest": digest,
        "state": "draft",
        "items": len(items),
        "named_items": len(ends),
        "drafted_at": at.isoformat(),
        "drafted_by": by,
        "objections_until": max(ends, default=at.date()),
    }
    connection.execute(sa.insert(_LISTS), [head])
    if items:
        connection.execute(sa.insert(_ITEMS), [item | {"list_id": list_id} for item in items])
    own = {"list_id": list_id}
    reseal(connection, "list", list_id, accountability_lists=own, accountability_items=own)
    return Drafted(list_id, True, superseded, remarks)


def finalize(engine: sa.Engine, list_id: str, *, by: str, note: str, at: datetime) -> bool:
    """Make a draft final once every objection period is over and every objection decided; False where it is final already.

    VbpError where the items are no longer what was drafted.
    """
    require(by=by, note=note)
    with engine.begin() as connection:
        head = find_list(connection, list_id)
        if head["state"] == "final":
            return False
        refuse_closed(head)
        items = items_of(connection, head["list_id"])
        if at.date() <= head["objections_until"]:
            raise UsageError(f"名单 {head['list_id']} 的异议期到 {head['objections_until']} 为止，次日起才能定稿")
        if pending := [i for i in items if i["objected_on"] is not None and i["decision"] is None]:
            places = "、".join(f"第 {i['item_no']} 条（{i['item_id'][:12]}）" for i in pending)
            raise UsageError(f"名单 {head['list_id']} 还有 {len(pending)} 条异议没有复核：{places}")
        if faults := check_list(head, items):
            raise VbpError("；".join(faults))
        head |= {"state": "final", "finalized_at": at.isoformat(), "finalized_by": by, "note": note}
        final = {c: head[c] for c in ("state", "finalized_at", "finalized_by", "note")}
        final["final_digest"] = _final_digest(head, items)
        hold_to_seal(connection, "list", "accountability_lists", list_id=head["list_id"])
        connection.execute(sa.update(_LISTS).where(_LISTS.c.list_id == head["list_id"]).values(final))
        reseal(connection, "list", head["list_id"], accountability_lists={"list_id": head["list_id"]})
        return True


def require(**given: str) -> None:
    """Raise UsageError for what was left empty of `by`, `note`, `document_no`."""
    options = {"by": "--by", "note": "--note", "document_no": "--document-no"}
    if missing := [options[name] for name, value in given.items() if not value.strip()]:
        raise UsageError(f"必须写明 {'、'.join(missing)}，记入名单")


def refuse_closed(row: Mapping[str, Any]) -> None:
    """Raise UsageError where the list (`list_id`, `state`) is no draft any more."""
    if row["state"] == "final":
        raise UsageError(f"名单 {row['list_id']} 已定稿，不再变更")
    if row["state"] == "superseded":
        raise UsageError(f"名单 {row['list_id']} 已被较新的草稿取代，请在新草稿上办理（vbp accountability list）")


def check_list(head: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> list[str]:
    """One Chinese line for each digest that the list, as it stands in the database, does not give any more."""
    faults = []
    if _digest(items, head["as_of"], head["jurisdiction_code"]) != head["content_digest"]:
        faults.append(f"名单 {head['list_id']} 的条目与起草时的内容摘要不符，可能被改动")
    if head["state"] == "final" and _final_digest(head, items) != head["final_digest"]:
        faults.append(f"名单 {head['list_id']} 与定稿时的摘要不符，可能被改动")
    return faults


def find_list(connection: sa.Connection, list_id: str) -> Record:
    """A list by its number or the beginning of it; UsageError where none or several match."""
    wanted = _LISTS.c.list_id.startswith(list_id, autoescape=True)
    found = connection.execute(sa.select(_LISTS).where(wanted)).mappings().all()
    if len(found) != 1:
        raise UsageError(f"名单编号“{list_id}”对应 {len(found)} 份名单；请用 vbp accountability list 查到的编号")
    return dict(found[0])


def items_of(connection: sa.Connection, list_id: str) -> list[Record]:
    """The items of a list, in its order."""
    query = sa.select(_ITEMS).where(_ITEMS.c.list_id == list_id).order_by(_ITEMS.c.item_no)
    return [dict(row) for row in connection.execute(query).mappings()]


def _supersede(connection: sa.Connection, as_of: date, prefix: str) -> list[str]:
    t = _LISTS
    drafts = (t.c.as_of == as_of, t.c.jurisdiction_code == prefix, t.c.state == "draft")
    found = list(connection.execute(sa.select(t.c.list_id).where(*drafts).order_by(t.c.list_id)).scalars())
    for list_id in found:
        hold_to_seal(connection, "list", "accountability_lists", list_id=list_id)
        connection.execute(sa.update(t).where(t.c.list_id == list_id).values(state="superseded"))
        reseal(connection, "list", list_id, accountability_lists={"list_id": list_id})
    return found


def _objection_period(item: Mapping[str, Any], prefix: str, policies: Policies, drafted_on: date) -> Record:
    """The day of drafting is not counted; a last day off rolls to the next working day (rulebook §2)."""
    if item["part"] != "named":
        return {"objection_days": None, "objections_until": None}
    days = policies.resolve("accountability_objection_days", item["jurisdiction_code"] or prefix, drafted_on).value
    assert isinstance(days, int)
    last = drafted_on + timedelta(days=days)
    return {"objection_days": days, "objections_until": working_days(last, last)["next_working_day"].item()}


def _digest(items: Sequence[Mapping[str, Any]], as_of: date, prefix: str) -> str:
    content = seal_rows(items, _CONTENT)
    return seal_rows([{"as_of": as_of, "covers": prefix, "items": content}], ["as_of", "covers", "items"])


def _final_digest(head: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> str:
    columns = [c for c in REPORTS["accountability_lists"].column_names if c != "final_digest"]
    parts = [seal_rows([head], columns), seal_rows(items, REPORTS["accountability_items"].column_names)]
    return seal_rows([{"head": parts[0], "items": parts[1]}], ["head", "items"])
