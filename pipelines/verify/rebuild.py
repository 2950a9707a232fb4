"""Rebuild a past run from the archived files and its policy rows with the present code, and compare the digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from pipelines.database.made import Made, made_by
from pipelines.database.open import at_one_moment
from pipelines.database.tables import METADATA
from pipelines.engine.compute import compute
from pipelines.engine.indicator import Inputs
from pipelines.errors import DamagedError
from pipelines.indicators import all_indicators
from pipelines.lake.batches import Batch, committed, input_digest
from pipelines.lake.snapshot import snapshot
from pipelines.past.replay import check_archive, replay
from pipelines.policy.kept import altered_policies, policies_of
from pipelines.policy.policies import Policies
from pipelines.store import keys
from pipelines.store.dossier import tallies_of
from pipelines.store.local import Local
from pipelines.store.runs import code_version, objects_of
from pipelines.store.store import Store
from pipelines.verify.chain import verify_chain
from pipelines.verify.compare_tables import ledger_row
from pipelines.verify.proof import Proof, prove
from pipelines.verify.report import Cell, changed_cells
from pipelines.verify.shown import seal_like, shown_tables, tally_figures, write_shown

Say = Callable[[str], None]


@dataclass(frozen=True)
class RunVerified:
    """Whether a run can be built again from what was archived.

    `inputs` are faults of the archive (files, policy rows) and of the list of files, `differences` where settling or
    computing went another way, `tables` the figure tables whose digest is another, `cells` their first changed cells
    where the run's report files still stand; where they do not, or nothing changed, `shown` are cells of the database
    that are not as rebuilt.
    """

    run_id: str
    as_of: date
    expected: str
    found: str
    inputs: tuple[str, ...]
    differences: tuple[str, ...]
    tables: tuple[str, ...]
    cells: tuple[Cell, ...]
    shown: tuple[Cell, ...]
    chain: tuple[str, ...]
    notes: tuple[str, ...]
    proof: Proof

    @property
    def is_good(self) -> bool:
        """Same inputs, same digest, tables as rebuilt, ledger whole."""
        return self.expected == self.found and not (
            self.inputs or self.differences or self.shown or self.chain or self.proof.faults
        )


def rebuild(
    engine: sa.Engine,
    home: Store,
    overlay: Path | None,
    run_id: str,
    say: Say,
    *,
    scratch: Path | None = None,
    known_head: str = "",
) -> RunVerified:
    """Rebuild a run below `scratch` (else a folder of the home that is removed again) and compare.

    The home and the database are only read. UsageError for a run that was not computed to its end.
    """
    row = ledger_row(engine, run_id)
    number = json.loads(row["lake_versions"])["batch"]
    policies, remark = policies_of(objects_of(home, run_id), overlay, row["policy_digest"])
    notes = [remark] if remark else []
    if row["code_version"] != code_version():
        notes.append(f"程序版本不同：当时 {row['code_version']}，现在 {code_version()}；以下用现在的程序重算")
        notes.append(f"两个程序的算法或文字不同，也会重算出不同的格；结果表是否被改动，以 vbp verify {run_id} --tables 为准")
    inputs = check_archive(home, number)
    inputs += altered_policies(objects_of(home, run_id), overlay, row["policy_digest"])
    if not tallies_of(objects_of(home, run_id)):
        notes.append(
            "该运行由最初版本的程序写成，其 input_digest 按记录内容计算，不能用来核对文件清单；存档逐个文件按 SHA-256 核对"
        )
    elif input_digest(home, number) != row["input_digest"]:
        inputs.append(f"数据湖前 {number} 批的文件清单与运行台账的 input_digest 不符：清单被改动")
    is_shown = _stands(engine, run_id, row["as_of"])
    proof = prove(engine, home, but_run=run_id if is_shown else "", archived_up_to=number, known_head=known_head)
    if any(fault.startswith("存档文件缺失") for fault in inputs):
        return _unbuilt(row["as_of"], run_id, row["result_digest"], inputs, engine, home, notes, proof)
    with (Local(scratch) if scratch else home).scratch() as folder:
        try:
            replayed = replay(home, number, folder, _days(engine), say)
            is_own_code = _versions(engine, home, number) <= {code_version()}
            if not is_own_code:  # told, but no fault: other code may count otherwise, the figures decide
                notes += replayed.differences
            made = made_by(objects_of(home, run_id))
            rebuilt = _compute(replayed.batch, folder, row["as_of"], policies, say, made)
            tallies = tally_figures(rebuilt, made)
            found = seal_like(row["result_digest"], tallies, {n: rebuilt.at(keys.report(n)) for n in made.tables}, made)
            tables, cells = _name_changes(objects_of(home, run_id), rebuilt, tallies, found == row["result_digest"])
            shown = _compare_shown(engine, row["as_of"], rebuilt, made) if is_shown and not cells else []
        except DamagedError as error:
            fault = f"重算中断：{str(error).replace(f'{folder}/', '')}"
            return _unbuilt(row["as_of"], run_id, row["result_digest"], [*inputs, fault], engine, home, notes, proof)
    return RunVerified(
        run_id,
        row["as_of"],
        row["result_digest"],
        found,
        tuple(inputs),
        replayed.differences if is_own_code else (),
        tuple(tables),
        tuple(cells),
        tuple(shown),
        tuple(verify_chain(engine, home)),
        tuple(notes),
        proof,
    )


def _unbuilt(
    as_of: date, run_id: str, expected: str, inputs: list[str], engine: sa.Engine, home: Store, notes: list[str], proof: Proof
) -> RunVerified:
    told = (*notes, "存档或数据目录不全，没有重算完")
    return RunVerified(
        run_id, as_of, expected, "", tuple(inputs), (), (), (), (), tuple(verify_chain(engine, home)), told, proof
    )


def _days(engine: sa.Engine) -> dict[str, date]:
    """The as_of of every run: on that day its waivers were looked at."""
    runs = METADATA.tables["runs"]
    with at_one_moment(engine) as connection:
        return {r.run_id: r.as_of for r in connection.execute(sa.select(runs.c.run_id, runs.c.as_of))}


def _versions(engine: sa.Engine, home: Store, number: int) -> set[str]:
    """The versions of the code that wrote the batches up to `number`, as far as runs did."""
    runs = METADATA.tables["runs"]
    with at_one_moment(engine) as connection:
        known = dict(connection.execute(sa.select(runs.c.run_id, runs.c.code_version)).all())
    return {known[b.run_id] for b in committed(home) if b.number <= number and known.get(b.run_id)}


def _compute(batch: Batch, folder: Store, as_of: date, policies: Policies, say: Say, made: Made) -> Store:
    """The reports that the run made, as the night would write them."""
    records, target = folder.below("snapshot"), folder.below("run")
    snapshot(folder, batch, records)
    indicators = {code: i for code, i in all_indicators().items() if made.has_indicator(i.tables)}
    for indicator in indicators.values():
        say(f"重算 {indicator.title_zh}")
        compute(indicator, Inputs(records, as_of, policies), target)
    for code in indicators:
        target.drop(keys.sums(code))
    findings = pl.concat(target.scan(keys.findings(code)).collect() for code in indicators)
    known = [code for code in findings["rule_code"].unique() if made.has_rule(code)]
    target.write(keys.report("findings"), findings.filter(pl.col("rule_code").is_in(known)).sort("finding_id"))
    return target


def _name_changes(then: Store, rebuilt: Store, tallies: Mapping[str, int], is_same: bool) -> tuple[list[str], list[Cell]]:
    """The tables whose digest is another, and the first cells where the run's own reports still stand."""
    noted = {} if is_same else tallies_of(then)
    if not noted:
        return [], []
    tables = [name for name in tallies if noted.get(name) != tallies[name]]
    cells: list[Cell] = []
    for name in tables:
        if (kept := then.at(keys.report(name))).exists:
            cells += changed_cells(name, kept, rebuilt.at(keys.report(name)))
    return tables, cells


def _stands(engine: sa.Engine, run_id: str, as_of: date) -> bool:
    """Whether the run's figures are those that the database shows for its date."""
    publications = METADATA.tables["publications"]
    with at_one_moment(engine) as connection:
        stands = sa.select(publications.c.run_id).where(publications.c.as_of == as_of)
        return connection.execute(stands).scalar_one_or_none() == run_id


def _compare_shown(engine: sa.Engine, as_of: date, rebuilt: Store, made: Made) -> list[Cell]:
    """Where the database shows something else than what was rebuilt."""
    with at_one_moment(engine) as connection:
        cells: list[Cell] = []
        for name in shown_tables(connection, made):
            columns = made.tables.get(name, ())
            shown = write_shown(connection, name, as_of, rebuilt.at(f"shown/{name}.parquet"), columns)
            # A table that the run did not make has no rows for its date.
            rows = rebuilt.scan(keys.report(name)).select(columns) if name in made.tables else shown.scan().clear()
            cells += changed_cells(name, rebuilt.write(f"expected/{name}.parquet", rows), shown)
    return cells
