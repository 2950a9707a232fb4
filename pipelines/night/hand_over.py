"""What a computed night hands over to be staged: its changes against the figures that stand, and their digest."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import made_by, made_now
from pipelines.database.standing import Publication
from pipelines.database.tables import FIGURES, key_of
from pipelines.engine.compute import whole_answer
from pipelines.engine.digest import Tally, tally_object
from pipelines.engine.order import merge
from pipelines.indicators import all_indicators
from pipelines.night.base import read_base, read_carried
from pipelines.publish.differences import differences
from pipelines.publish.export import export
from pipelines.store import keys
from pipelines.store.dossier import tallies_of
from pipelines.store.runs import Run
from pipelines.store.store import Object, Store
from schemas.declared import declared

_AT_ONCE = 500_000
"""Findings: a row of long texts each."""


def hand_over(run: Run, engine: sa.Engine) -> dict[str, Tally]:
    """Write `reports/findings.parquet`, of all indicators, `changes/<figure>.came.parquet` and `.gone.parquet`, and return
    the digest of every figure table.

    They are relative to the figures that stand for the run's date, or for the date published before it. Where the night
    carries an indicator on, `reports` and `keys.OF_BASE` hold the rows that it recomputed, as they are and as they stand; else
    all rows are compared with the files of the run that stands while it has them, or with what the database shows. A digest
    is that of all rows (without run, clock columns and what depends on earlier nights): where it can be, that of the night
    before, less what goes, plus what comes.
    """
    gather_findings(run.store, all_indicators())
    base = read_base(run)
    before = tallies_of(run.beside(base.run_id)) if base else {}
    tallies = {}
    for name in FIGURES:
        new, came, gone = (run.store.at(key(name)) for key in (keys.report, keys.came, keys.gone))
        if base is None:
            run.store.copy(new.key, came.key)
            run.store.write(gone.key, new.scan().clear())
            tallies[name] = tally_object(new)
            continue
        old = _find_kept(run, name, base) if name in before else None
        differences(new, old or _read_back(run, engine, name, base), key_of(name), came, gone)
        is_told = old is not None or set(_owners(name)) & set(read_carried(run))
        tallies[name] = Tally(before[name]) + tally_object(came) - tally_object(gone) if is_told else tally_object(new)
    return tallies


def gather_findings(store: Store, codes: Collection[str]) -> None:
    """Write those of some indicators, sorted each, as one table: `reports/findings.parquet` from
    `findings/<indicator>.parquet`, some at a time.
    """
    rows = pl.concat([store.scan(keys.findings(code)) for code in codes])
    with store.at(keys.report("findings")).writing(rows.collect_schema()) as write:
        for some in merge(rows, ["finding_id"], _AT_ONCE):
            write(some)


def _owners(name: str) -> list[str]:
    """The indicators whose rows a figure table holds."""
    return [code for code, i in all_indicators().items() if name in (*i.tables, "findings")]


def _find_kept(run: Run, name: str, base: Publication) -> Object | None:
    """The rows that stand of a figure table, as far as this night may change them: of the night itself where it
    carries all of the table on, else of the run that stands while it has all that it made, and the table is what it was.
    """
    owners, carried = _owners(name), read_carried(run)
    if set(owners) <= set(carried):
        of_base = run.store.below(keys.OF_BASE)
        if name == "findings":
            gather_findings(of_base, owners)
        return of_base.at(keys.report(name))
    then = run.beside(base.run_id)
    kept = then.at(keys.report(name))
    is_same = made_by(then).tables.get(name) == made_now().tables[name]
    if set(owners) & set(carried) or base.run_id == run.run_id or not is_same or not kept.exists:
        return None
    indicators = [all_indicators()[code] for code in owners]
    are_whole = all(then.has(keys.notes(i.code)) and whole_answer(i, then) for i in indicators)
    return kept if are_whole else None


def _read_back(run: Run, engine: sa.Engine, name: str, base: Publication) -> Object:
    """The rows that the database shows, in the order of our files. Findings of indicators that are carried on are those
    that the night recomputed.
    """
    shown = run.store.at(f"changes/{name}.of_base.parquet")
    export(engine, name, base.as_of, shown)
    if name == "findings" and (carried := read_carried(run)):
        of_base = run.store.below(keys.OF_BASE)
        gather_findings(of_base, carried)
        recomputed = of_base.scan(keys.report(name)).collect()
        rules = [rule.code for code in carried for rule in declared("RULES", by=code)]
        others = shown.scan().filter(~pl.col("rule_code").is_in(rules))
        both = pl.concat([recomputed, others.select(recomputed.columns).collect()]).sort("finding_id")
        run.store.write(shown.key, both)
    return shown
