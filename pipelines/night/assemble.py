"""Put a computed night together: findings, changes, ledgers of files, checks and rejected rows, facts and digests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from pipelines.audit.checks import check_results
from pipelines.causes import write_causes
from pipelines.database.ledger import last_published_batch
from pipelines.database.made import made_now
from pipelines.indicators import all_indicators
from pipelines.lake.batches import committed, find_batch, input_digest
from pipelines.night import ledgers as ledger
from pipelines.night import plan
from pipelines.night.base import standing_records
from pipelines.night.fingerprint import fingerprint
from pipelines.night.hand_over import hand_over
from pipelines.policy.policies import Policies
from pipelines.publish.names import write_names
from pipelines.store.runs import Run, code_version, read_json, write_json


def assemble(run: Run, engine: sa.Engine, policies: Policies) -> None:
    """Write what is handed over (`hand_over`), the causes of its changes, `ledger/*.parquet` (the names of codes among
    them) and `facts.json`: all that staging and publishing need.

    The run answers for every batch since the last one published, so that rows which a gate held back, or a kill
    left unreported, are counted by the run that publishes them, and a gate stays closed until someone opens it.
    """
    with engine.connect() as connection:
        since = last_published_batch(connection, but=run.run_id)
    facts = _write_ledgers(run, since) | {
        "remedy_days": int(str(policies.resolve("finding_remedy_days", "", run.as_of).value)),
        "policy_digest": policies.digest,
        "result_digest": hand_over(run, engine),
        "fingerprints": {
            code: fingerprint(indicator, policies, run.as_of).as_facts()
            for code, indicator in all_indicators().items()
        },
        **made_now().as_facts(),
    }
    facts["policy_rows"] = sorted({*facts["policy_rows"], *policies.used})
    write_json(run.file("facts.json"), facts)
    write_causes(run, engine, find_batch(run.home, facts["lake_versions"]["batch"]), facts["fingerprints"])


def _write_ledgers(run: Run, since: int) -> dict[str, Any]:
    """Write source_files, check_results and rejected_records of the run; return the facts of its ledger row."""
    validated = read_json(run.file("validated.json"))
    batch = find_batch(run.home, validated["batch"])
    credited = [b for b in committed(run.home) if since < b.number <= batch.number]
    others = plan.left_out(run)
    refused = [f.message for f in others if f.status == "failed"]
    remarks = [r for b in credited for f in b.files for r in f["remarks"]]
    notes, policy_rows = {}, set()
    for code in all_indicators():
        found = read_json(run.file("notes", f"{code}.json"))
        notes[code] = found["notes"]
        policy_rows |= set(found["policy_rows"])
    files = ledger.source_files(credited, map(asdict, others))
    night = standing_records(run)
    stood = night.folder / "records" if night else None
    checks = check_results(
        files, refused, remarks, run.home, batch, since, run.folder / "records", notes, stood
    )
    files.write_parquet(run.file("ledger", "source_files.parquet"))
    checks.write_parquet(run.file("ledger", "check_results.parquet"))
    write_names(run.folder / "records", run.folder / "ledger")
    ledger.rejected_records(run.home, batch, since).write_parquet(
        run.file("ledger", "rejected_records.parquet")
    )
    return {
        "started_at": run.started_at, "code_version": code_version(),
        "policy_rows": sorted(policy_rows), "lake_versions": {"batch": validated["batch"], **validated["versions"]},
        "input_digest": input_digest(run.home, validated["batch"]),
        **{c: int(files[c].sum()) for c in ("rows_read", "rows_accepted", "rows_rejected")},
    }  # fmt: skip
