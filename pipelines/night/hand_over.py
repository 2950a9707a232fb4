"""What a computed night hands over to be staged: its changes against the figures that stand, and their digest."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import made_by, made_now
from pipelines.database.standing import Publication
from pipelines.database.tables import FIGURES, key_of
from pipelines.engine.compute import whole_answer
from pipelines.engine.digest import Tally, tally_file
from pipelines.indicators import all_indicators
from pipelines.night.base import read_base, read_carried
from pipelines.publish import changes
from pipelines.publish.differences import differences
from pipelines.publish.export import export
from pipelines.store.dossier import tallies_of
from pipelines.store.runs import Run
from pipelines.store.store import Store
from schemas.declared import declared


def hand_over(run: Run, engine: sa.Engine) -> dict[str, Tally]:
    """Write `reports/findings.parquet`, of all indicators, `changes/<figure>.came.parquet` and `.gone.parquet`, and return
    the digest of every figure table.

    They are relative to the figures that stand for the run's date, or for the date published before it. Where the night
    carries an indicator on, `reports` and `stood` hold the rows that it touched, as they are and as they stand; else all
    rows are compared with the files of the run that stands while it has them, or with what the database shows. A digest
    is that of all rows (without run, clock columns and what depends on earlier nights): where it can be, that of the night
    before, less what goes, plus what comes.
    """
    gather_findings(run.store, all_indicators())
    base, folder = read_base(run), run.folder / "changes"
    folder.mkdir(exist_ok=True)
    before = tallies_of(run.home / "runs" / base.run_id) if base else {}
    tallies = {}
    for name in FIGURES:
        new = run.file("reports", f"{name}.parquet")
        came, gone = changes.came(folder, name), changes.gone(folder, name)
        if base is None:
            run.store.copy(f"reports/{name}.parquet", f"changes/{came.name}")
            run.store.write(f"changes/{gone.name}", [run.store.scan(f"reports/{name}.parquet").clear().collect()])
            tallies[name] = tally_file(new)
            continue
        old = _find_kept(run, name, base) if name in before else None
        differences(new, old or _read_back(run, engine, name, base), key_of(name), came, gone)
        is_told = old is not None or set(_owners(name)) & set(read_carried(run))
        tallies[name] = Tally(before[name]) + tally_file(came) - tally_file(gone) if is_told else tally_file(new)
    return tallies


def gather_findings(store: Store, codes: Collection[str]) -> None:
    """Write those of some indicators as one table: `reports/findings.parquet` from `findings/<indicator>.parquet`."""
    parts = [store.scan(f"findings/{code}.parquet") for code in codes]
    store.write("reports/findings.parquet", [pl.concat(parts).sort("finding_id").collect()])


def _owners(name: str) -> list[str]:
    """The indicators whose rows a figure table holds."""
    return [code for code, i in all_indicators().items() if name in (*i.tables, "findings")]


def _find_kept(run: Run, name: str, base: Publication) -> Path | None:
    """The rows that stand of a figure table, as far as this night may change them, in a file: of the night itself where it
    carries all of the table on, else of the run that stands while it has all that it made, and the table is what it was.
    """
    owners, carried = _owners(name), read_carried(run)
    if set(owners) <= set(carried):
        stood = Store(run.folder / "stood")
        if name == "findings":
            gather_findings(stood, owners)
        return stood.folder / "reports" / f"{name}.parquet"
    folder = run.home / "runs" / base.run_id
    file = folder / "reports" / f"{name}.parquet"
    is_same = made_by(folder).tables.get(name) == made_now().tables[name]
    if set(owners) & set(carried) or base.run_id == run.run_id or not is_same or not file.exists():
        return None
    indicators = [all_indicators()[code] for code in owners]
    are_whole = all((folder / "notes" / f"{i.code}.json").exists() and whole_answer(i, folder) for i in indicators)
    return file if are_whole else None


def _read_back(run: Run, engine: sa.Engine, name: str, base: Publication) -> Path:
    """The rows that the database shows, in the order of our files. Findings of indicators that are carried on are those
    that the night touched.
    """
    path = run.folder / "changes" / f"{name}.stood.parquet"
    export(engine, name, base.as_of, path)
    if name == "findings" and (carried := read_carried(run)):
        stood = Store(run.folder / "stood")
        gather_findings(stood, carried)
        touched = stood.scan("reports/findings.parquet").collect()
        rules = [rule.code for code in carried for rule in declared("RULES", by=code)]
        others = run.store.scan(f"changes/{path.name}").filter(~pl.col("rule_code").is_in(rules))
        both = pl.concat([touched, others.select(touched.columns).collect()]).sort("finding_id")
        run.store.write(f"changes/{path.name}", [both])
    return path
