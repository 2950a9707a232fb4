"""Decide on rejected rows: waive, discard or retry them, or say what would come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from pipelines.desk.select import Wanted, find_records, select_records
from pipelines.errors import UsageError
from pipelines.lake.batches import last_batch
from pipelines.rejects.decisions import KINDS, Decision, all_decisions, batch_name, pending_decisions, write_decision
from pipelines.rejects.register import read_register
from pipelines.rejects.tell_state import tell_state
from pipelines.rejects.waivers import is_waivable, waivable_reasons
from pipelines.settings import Settings
from pipelines.settle.rehearse import foresee
from pipelines.settle.settle import settle
from pipelines.store import clock
from pipelines.store.clock import SHANGHAI
from pipelines.store.private import require_home
from pipelines.store.runs import lock
from pipelines.store.store import Store
from schemas.records import RECORDS

_MAY_BE = {"waive": ("open", "waived"), "discard": ("open", "discarded"), "retry": ("open",)}
_TITLES = {"waive": "豁免", "discard": "作废", "retry": "重试"}


@dataclass(frozen=True)
class Outcome:
    """What came, or would come, of a decision.

    `records`: `dataset`, `record_id`, `source_path`, `line_no`, `before` and `after` (states), `reasons` (those
    that stand against the row afterwards). `decision` and `batch` are the numbers of what was written, None where
    nothing was; then `earlier` is the decision by which it was done before.
    """

    records: pl.DataFrame
    decision: int | None = None
    batch: int | None = None
    earlier: Decision | None = None

    @property
    def states(self) -> dict[str, int]:
        """State → how many of the records are in it afterwards."""
        return dict(self.records.group_by("after").len().sort("after").iter_rows())


def decide(
    settings: Settings,
    kind: str,
    ids: Sequence[str],
    by: str = "",
    until: date | None = None,
    note: str = "",
    *,
    say: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Set a decision down and apply it: the rows go through the code of every night, at once, as a batch.

    `ids` are numbers of records or their beginnings; `until` is the last day of a waiver. Figures and report
    tables follow with the next run. Killed in between, the next batch applies the decision, and so does the same
    decision made again; made again after that, it changes nothing. Raises UsageError, and does nothing at all, where
    one of the records cannot be decided so.
    """
    with lock(settings.home):
        home = require_home(settings.home)
        chosen = _choose(home, kind, ids, by, until, note)
        if chosen.is_empty():
            return replace(_compare(chosen, chosen), earlier=_find_earlier(home, kind, ids))
        day = until.isoformat() if until else None
        told = {"by": by, "until": day, "note": note}
        decision = _find_pending(home, kind, chosen, told) or write_decision(
            home, kind, chosen["record_id"].to_list(), **told, at=datetime.now(SHANGHAI).isoformat(timespec="seconds")
        )
        batch = settle(home, batch_name(decision.number), [], lambda file: home.at(file.path), say)
        records = _compare(chosen, read_register(home, batch.number)).records
        return Outcome(records, decision.number, batch.number)


def dry_run(
    settings: Settings, kind: str, ids: Sequence[str], by: str = "", until: date | None = None, note: str = ""
) -> Outcome:
    """What `decide` would come to, by the same code; nothing is kept."""
    with lock(settings.home):
        home = require_home(settings.home)
        chosen = _choose(home, kind, ids, by, until, note)
        if chosen.is_empty():
            return _compare(chosen, chosen)
        day = until.isoformat() if until else None
        decision = Decision(999_999, kind, tuple(chosen["record_id"]), by, day, note, "")
        return _compare(chosen, foresee(home, "dry-run", decision))


def numbers_of(settings: Settings, wanted: Wanted) -> list[str]:
    """The numbers of the records that match, to be decided on together."""
    home = require_home(settings.home)
    register = read_register(home, last_batch(home).number)
    today = clock.today()
    return select_records(register, wanted, today)["record_id"].to_list()


def _choose(home: Store, kind: str, ids: Sequence[str], by: str, until: date | None, note: str) -> pl.DataFrame:
    """The records that the decision changes; those it was made on before are left out."""
    if kind not in KINDS:
        raise UsageError(f"不认识的处理“{kind}”，应为 {'、'.join(KINDS)} 之一")
    if kind != "retry" and not (by.strip() and note.strip()):
        raise UsageError(f"{_TITLES[kind]}必须写明决定人（--by）与理由（--note）")
    if kind == "waive" and until is None:
        raise UsageError("豁免必须写明有效期（--until），到期后该行自动退出统计")
    found = find_records(read_register(home, last_batch(home).number), ids)
    if kind == "retry":
        return found.filter(state="open")
    wrong = found.filter(~pl.col("state").is_in(_MAY_BE[kind]))
    for row in wrong.iter_rows(named=True):
        raise UsageError(f"{_place(row)}的状态是{tell_state(row['state'], row['decided_until'])}，不能{_TITLES[kind]}")
    if kind == "discard":
        return found.filter(state="open")
    _refuse_unwaivable(found)
    same = (pl.col("state") == "waived") & (pl.col("decided_until") == until)
    same &= (pl.col("decided_by") == by) & (pl.col("note") == note)
    return found.filter(~same.fill_null(False))


def _find_pending(home: Store, kind: str, chosen: pl.DataFrame, told: Mapping[str, str | None]) -> Decision | None:
    """The same decision, if it was set down before and a kill kept it from being applied."""
    ids = set(chosen["record_id"])
    for decision in pending_decisions(home):
        same = all(getattr(decision, name) == value for name, value in told.items())
        if same and decision.kind == kind and set(decision.record_ids) == ids:
            return decision
    return None


def _find_earlier(home: Store, kind: str, ids: Sequence[str]) -> Decision | None:
    """The last decision of the kind on all of these records."""
    wanted = set(find_records(read_register(home, last_batch(home).number), ids)["record_id"])
    found = [d for d in all_decisions(home) if d.kind == kind and wanted and wanted <= set(d.record_ids)]
    return found[-1] if found else None


def _refuse_unwaivable(records: pl.DataFrame) -> None:
    for (name,), rows in records.group_by("dataset", maintain_order=True):
        dataset = RECORDS[str(name)]
        allowed = waivable_reasons(dataset)
        for row in rows.filter(~is_waivable("reasons", dataset)).iter_rows(named=True):
            reason = next(r for r in row["reasons"] if f"{r['code']}:{r['column']}" not in allowed)
            raise UsageError(
                f"{_place(row)} 不能豁免：{reason['message_zh']}。只有读得出、主键完整、引用存在、"
                "且所违反的规则不是指标公式前提的行可以豁免；请由报送单位改正后重新报送"
            )


def _place(row: dict[str, object]) -> str:
    return f"退回编号 {str(row['record_id'])[:12]}（{row['source_path']}:{row['line_no']}）"


def _compare(chosen: pl.DataFrame, after: pl.DataFrame) -> Outcome:
    """States before and after; reasons as they stand afterwards."""
    key = ["dataset", "record_id"]
    return Outcome(
        chosen.select(*key, "source_path", "line_no", before="state")
        .join(after.select(*key, "reasons", after="state"), on=key)
        .select(*key, "source_path", "line_no", "before", "after", "reasons")
        .sort(key)
    )
