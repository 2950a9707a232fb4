"""The cause of every figure that a run restates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines.causes.moved import KINDS, Moved, find_moved
from pipelines.causes.undo import Night, undo
from pipelines.database.ledger import held_nothing
from pipelines.database.tables import METADATA
from pipelines.engine.indicator import Indicator
from pipelines.indicators import all_indicators
from pipelines.lake.batches import Batch, find_batch
from pipelines.lake.laid_out import records_of
from pipelines.policy.kept import intact_policies, key_of_policies, read_policies
from pipelines.policy.policies import PolicyError
from pipelines.publish.changes import UNEXPLAINED, Causes
from pipelines.publish.frozen import is_frozen as stands_for_good
from pipelines.store import keys
from pipelines.store.dossier import Cause, Fingerprint, has_dossier, read_dossier
from pipelines.store.runs import Run, code_version
from pipelines.store.store import Store

_RUNS = METADATA.tables["runs"]
_CELL = ["table_name", "row_key", "column_name"]


def write_causes(run: Run, engine: sa.Engine, batch: Batch, fingerprints: Mapping[str, Fingerprint]) -> Causes:
    """Return why the changes of a computed run change what is published for its date; those of cells are written beside.

    Withdrawals, corrections, late records, policy rows and code are undone in this order, as far as they differ from
    those of the last run published for it; the first whose undoing changes a figure is its cause. So a figure with several
    causes has the first of them, and one that records had no part in has policy or code. What comes last need not be
    undone: it is the cause of all that nothing before it explains. Code could not be, and is last by that.
    `batch` is the one the run computed from; its records and sums stand in its folder. `fingerprints`: by indicator, what its
    figures rest on now; what stands noted it too.
    """
    base = run.dossier.base
    if base is None or base.as_of != run.as_of:
        return UNEXPLAINED
    with engine.connect() as connection:
        published = sa.select(_RUNS).where(_RUNS.c.as_of == run.as_of, _RUNS.c.status == "published")
        was = connection.execute(published.order_by(_RUNS.c.finished_at.desc()).limit(1)).mappings().first()
        showed_nothing = (
            was is not None and held_nothing(connection, was["run_id"]) and not stands_for_good(connection, run.as_of)
        )
    # Of a frozen date other figures stand than those that are known by now: then the changes do not say what changed.
    is_frozen = was is not None and was["run_id"] != base.run_id
    restated = [i for i in all_indicators().values() if is_frozen or _is_restated(i, run.store)]
    if was is None or showed_nothing or not restated:
        return UNEXPLAINED
    night = Night(run.store, run.as_of, read_policies(run.store), restated)
    before = _batch_of(dict(was), run.home)
    then = run.beside(was["run_id"])
    records_then = records_of(then) if before.number else None
    moved = find_moved(run.home, before, batch, night.records, records_then)
    happened: list[Cause] = [kind for kind in KINDS if any(kind in m.kinds for m in moved.values())]
    happened += _moved_rules(fingerprints, dict(was), then, night)
    try:
        return _undo(night, moved, happened, then, was["policy_digest"])
    except PolicyError:
        # Rows of then that are at hand but not fit for the code of now are an upgrade's, as is all since a run that kept none;
        # where they are gone, policy has both.
        first: Cause = "code" if key_of_policies(then) or not _fingerprints(then) else "policy"
        return _undo(night, moved, [c for c in happened if c not in ("policy", "code")] + [first], then, "")


def _moved_rules(now: Mapping[str, Fingerprint], was: Mapping[str, Any], then: Store, night: Night) -> list[Cause]:
    """Which of `policy` and `code` are not what they were for the restated indicators; for runs that noted no fingerprints,
    for the whole program.
    """
    noted = _fingerprints(then)
    if not noted:
        moved = {"policy": night.policies.digest != was["policy_digest"], "code": code_version() != was["code_version"]}
    else:
        codes = [indicator.code for indicator in night.indicators]
        moved = {
            cause: any(getattr(now[code], part) != getattr(noted.get(code, now[code]), part) for code in codes)
            for cause, part in (("policy", "policies"), ("code", "code"))
        }
    causes: tuple[Cause, ...] = ("policy", "code")
    return [cause for cause in causes if moved[cause]]


def _fingerprints(then: Store) -> Mapping[str, Fingerprint]:
    """What the figures of a run rested on, by indicator; empty where it noted none."""
    figures = read_dossier(then).figures if has_dossier(then) else None
    return figures.fingerprints if figures else {}


def _undo(night: Night, moved: Mapping[str, Moved], happened: list[Cause], run_then: Store, policy_digest: str) -> Causes:
    if not happened:
        return UNEXPLAINED
    *steps, rest = happened
    if not steps:
        return Causes(rest)
    then = intact_policies(run_then, policy_digest) if "policy" in steps else None
    if then is None and "policy" in steps:
        raise PolicyError(f"没有 {run_then.name} 当时的政策文件")
    scratch = night.store.below(keys.SCRATCH)
    try:
        cells = pl.concat(undo(night, moved, steps, then, scratch))
    finally:
        scratch.drop()
    return Causes(rest, night.store.write(keys.CAUSES, cells.unique(_CELL, keep="first", maintain_order=True)))


def _is_restated(indicator: Indicator, store: Store) -> bool:
    return any(store.at(side(t)).rows for t in (*indicator.tables, "findings") for side in (keys.came, keys.gone))


def _batch_of(run: Mapping[str, Any], home: Store) -> Batch:
    """The batch that a run has read; the empty lake where this home does not have it."""
    versions = json.loads(run["lake_versions"])
    batch = find_batch(home, versions.pop("batch"))
    return batch if batch.versions == versions else Batch(0, "")
