"""Put a computed night together: findings, changes, ledgers of files, checks and rejected rows, facts and digests."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa

from pipelines.audit.checks import check_results
from pipelines.causes import write_causes
from pipelines.database.ledger import last_published_batch
from pipelines.database.made import made_now
from pipelines.engine.digest import seal
from pipelines.indicators import all_indicators
from pipelines.lake.batches import Batch, committed, find_batch, input_digest
from pipelines.lake.laid_out import records_of
from pipelines.night import ledgers as ledger
from pipelines.night import plan
from pipelines.night.base import base_run_of_records
from pipelines.night.divisions import row_divisions
from pipelines.night.fingerprint import fingerprint
from pipelines.night.hand_over import hand_over
from pipelines.policy.policies import Policies
from pipelines.publish.names import write_names
from pipelines.store import keys
from pipelines.store.dossier import Figures, note
from pipelines.store.runs import Run, code_version


def assemble(run: Run, engine: sa.Engine, policies: Policies) -> None:
    """Write what is handed over (`hand_over`), the causes of its changes, `ledger/*.parquet` (the names of codes among
    them) and the figures of the dossier: all that staging and publishing need.

    The run answers for every batch since the last one published, so that rows which a gate held back, or a kill
    left unreported, are counted by the run that publishes them, and a gate stays closed until someone opens it.
    """
    with engine.connect() as connection:
        since = last_published_batch(connection, but=run.run_id)
    accepted = run.dossier.accepted
    assert accepted is not None  # validated before
    batch = find_batch(run.home, accepted.batch)
    rows, used = _write_ledgers(run, since, batch)
    tallies = hand_over(run, engine)
    fingerprints = {code: fingerprint(i, policies, run.as_of) for code, i in all_indicators().items()}
    causes = write_causes(run, engine, batch, fingerprints)
    figures = Figures(
        code_version=code_version(),
        policy_digest=policies.digest,
        policy_rows=tuple(sorted(used | policies.used)),
        lake_versions={"batch": accepted.batch, **accepted.versions},
        input_digest=input_digest(run.home, accepted.batch),
        result_digest=seal(tallies),
        **rows,
        has_terms=True,
        made=made_now().noted(),
        fingerprints=fingerprints,
        tallies={name: f"{total:x}" for name, total in tallies.items()},
        cause=causes.rest,
        has_causes=causes.cells is not None,
    )
    note(run.store, figures=figures)


def _write_ledgers(run: Run, since: int, batch: Batch) -> tuple[dict[str, int], set[str]]:
    """Write source_files, check_results, rejected_records, whose rows they hold, and the registers of the run; return how many
    rows were read, accepted and rejected, and the policy rows that the indicators used.
    """
    credited = [b for b in committed(run.home) if since < b.number <= batch.number]
    others = plan.left_out(run)
    refused = [f.message for f in others if f.status == "failed"]
    remarks = [r for b in credited for f in b.files for r in f["remarks"]]
    notes: dict[str, dict[str, str]] = {}
    policy_rows: set[str] = set()
    for code in all_indicators():
        found = run.store.read_json(keys.notes(code))
        notes[code] = found["notes"]
        policy_rows |= set(found["policy_rows"])
    files = ledger.source_files(credited, map(asdict, others))
    carried = base_run_of_records(run)
    base = records_of(carried.store) if carried else None
    records, sources = records_of(run.store), run.dossier.sources
    checks = check_results(files, refused, remarks, run.home, batch, since, records, notes, base, sources)
    run.store.write(keys.ledger("source_files"), files)
    run.store.write(keys.ledger("check_results"), checks)
    rejected = ledger.rejected_records(run.home, batch, since)
    run.store.write(keys.REJECTED, rejected)
    divisions = row_divisions(run.home, records, batch, since, ledger.paths_of(credited), run.run_id, rejected)
    run.store.write(keys.ledger("row_divisions"), divisions)
    run.store.write(keys.ledger("excuse_register"), ledger.excuse_register(run.home, batch, records))
    write_names(run.store)
    rows = {c: int(files[c].sum()) for c in ("rows_read", "rows_accepted", "rows_rejected")}
    return rows, policy_rows
