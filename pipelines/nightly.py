"""The steps of a night. Airflow and the command line call the same functions, in this order:

begin → ingest (per dataset) → validate → compute (per indicator) → stage → audit → publish.

Each step reads what the one before wrote below the run's folder, and may be repeated.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import polars as pl
import sqlalchemy as sa

from pipelines import ledger
from pipelines.checks import check_results
from pipelines.digest import digest_tables
from pipelines.errors import UsageError, VbpError
from pipelines.indicators.compute import compute as compute_indicator
from pipelines.indicators.indicator import Inputs, all_indicators
from pipelines.ingest.discover import LandingFile, discover
from pipelines.ingest.take_in import TakenIn, take_in
from pipelines.lake.batches import committed, last_batch
from pipelines.lake.snapshot import snapshot
from pipelines.policy import Policies, load_policies
from pipelines.publish import swap
from pipelines.publish.database import FIGURES, METADATA, migrate, open_database
from pipelines.runs import Run, code_version, load_run, new_run, read_json, write_json
from pipelines.settings import Settings
from pipelines.standing import standing
from pipelines.validate.settle import settle

Say = Callable[[str], None]
_NOT_IN_DIGEST = {"first_seen", "due_on", "state"}


def _quiet(_: str) -> None:
    return None


def begin(settings: Settings, as_of: date, say: Say = _quiet) -> Run:
    """Open a run: check policies and database, list the files of the landing zone, enter the run in the
    ledger.

    A run that was interrupted before is marked as failed; what it had not committed is done again by this
    one.
    """
    if not settings.landing.is_dir():
        raise UsageError(f"找不到数据目录 {settings.landing}；请用 --landing 或环境变量 VBP_LANDING 指定")
    policies = load_policies(settings.policies)
    settings.home.mkdir(parents=True, exist_ok=True)
    run = new_run(settings, as_of)
    engine = open_database(run.database_url)
    migrate(engine)
    for folder in ("text", "records"):  # what interrupted nights left
        for path in (run.home / "runs").glob(f"*/{folder}"):
            shutil.rmtree(path, ignore_errors=True)
    files = discover(run.landing, _committed_files(run), run.settle_seconds)
    write_json(run.file("files.json"), [asdict(f) for f in files])
    facts = {
        "run_id": run.run_id, "as_of": as_of, "started_at": run.started_at, "code_version": code_version(),
        "policy_digest": policies.digest,
    }  # fmt: skip
    swap.begin(engine, facts)
    engine.dispose()
    new = sum(f.status == "new" for f in files)
    say(f"运行 {run.run_id}（统计截止日 {as_of}）：{run.landing} 共 {len(files)} 个文件，其中新文件 {new} 个")
    return run


def take_up(settings: Settings, run_id: str) -> Run:
    """Take up an open run in another process; VbpError when it was closed meanwhile, by its end or by a later
    run.
    """
    run = load_run(settings, run_id)
    if (status := standing(run)) != "running":
        raise VbpError(f"运行 {run_id} 的状态是 {status or '不存在'}，已不能继续；请重新开始一次运行")
    return run


def datasets_to_ingest(run: Run) -> list[str]:
    """The datasets that have new files."""
    return sorted({f.dataset for f in _files(run) if f.status == "new"})


def ingest(run: Run, dataset: str, say: Say = _quiet) -> None:
    """Archive the new files of one dataset and write their rows as text."""
    taken: dict[str, Any] = {}
    for number, file in enumerate(_files(run)):
        if file.status == "new" and file.dataset == dataset:
            result = take_in(file, run.landing, run.home / "archive", _text(run, number))
            taken[file.path] = asdict(result)
            say(
                f"接收 {file.path}："
                + (f"整个文件被拒收（{result.message}）" if result.refused else f"{result.rows_read} 行")
            )
    write_json(run.file("taken_in", f"{dataset}.json"), taken)


def validate(run: Run, say: Say = _quiet) -> None:
    """Accept what is good into the lake as one batch, and write down the records this run computes from."""
    numbers = {f.path: n for n, f in enumerate(_files(run))}
    taken = _taken_in(run)
    done = _committed_files(run)  # a step done again finds its files in the lake already
    good = [
        (f, taken[f.path])
        for f in _files(run)
        if f.path in taken and not taken[f.path].refused and _content(f) not in done
    ]
    batch = settle(run.home, run.run_id, good, lambda f: _text(run, numbers[f.path]), say)
    digest = snapshot(run.home, batch, run.folder / "records")
    write_json(
        run.file("validated.json"),
        {"batch": batch.number, "versions": batch.versions, "input_digest": digest},
    )
    say(f"数据湖第 {batch.number} 批，记录摘要 {digest[:12]}")


def compute(run: Run, code: str, say: Say = _quiet) -> None:
    """Compute one indicator from the run's records."""
    indicator = all_indicators()[code]
    counts = compute_indicator(
        indicator, Inputs(run.folder / "records", run.as_of, _policies(run)), run.folder
    )
    say(f"计算 {indicator.title_zh}：" + "，".join(f"{table} {rows} 行" for table, rows in counts.items()))


def stage(run: Run, say: Say = _quiet) -> None:
    """Put report rows, files and checks into the staging tables."""
    from pipelines.publish.stage import stage as stage_reports

    _write_findings(run)
    engine = open_database(run.database_url)
    with engine.connect() as connection:
        credited = _credited_before(connection)
    facts = _write_ledgers(run, credited)
    policies = _policies(run)
    remedy = policies.resolve("finding_remedy_days", "", run.as_of)
    rows = stage_reports(
        engine, run.run_id, run.as_of, run.folder / "reports", run.folder / "ledger", int(str(remedy.value))
    )
    used = set(facts["policy_rows"]) | policies.used
    write_json(
        run.file("facts.json"), facts | {"policy_rows": sorted(used), "result_digest": _result_digest(run)}
    )
    engine.dispose()
    say(f"暂存 {sum(rows.values())} 行结果")


def audit(run: Run, say: Say = _quiet) -> list[dict[str, Any]]:
    """Check the staged tables through SQL; return the checks that failed."""
    from pipelines.publish.audit import audit as audit_staged
    from pipelines.publish.gates import AuditLimits

    policies = _policies(run)
    rate, rows = (
        policies.resolve(p, "", run.as_of).value for p in ("gate_reject_rate", "gate_reject_min_rows")
    )
    engine = open_database(run.database_url)
    results = audit_staged(
        engine, run.run_id, run.as_of, AuditLimits(float(str(rate)), int(str(rows))), run.folder / "audit"
    )
    engine.dispose()
    write_json(run.file("audit.json"), {"results": results, "policy_rows": sorted(policies.used)})
    failed = [r for r in results if r["status"] == "failed"]
    say(f"审核 {len(results)} 项检查，未通过 {len(failed)} 项")
    return failed


def publish(run: Run, say: Say = _quiet, *, released_by: str = "", note: str = "") -> str:
    """Publish the staged run in one transaction, or hold it when a check failed and nobody released it;
    return the status.
    """
    results = read_json(run.file("audit.json"))
    facts = read_json(run.file("facts.json"))
    facts["policy_rows"] = sorted({*facts["policy_rows"], *results["policy_rows"]})
    failed = [r for r in results["results"] if r["status"] == "failed"]
    facts |= {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "released_by": released_by or None,
        "note": note or None,
    }
    engine = open_database(run.database_url)
    rejected = run.file("ledger", "rejected_records.parquet")
    if failed and not released_by:
        held = "；".join(r["check_id"] for r in failed)
        swap.hold(engine, facts | {"note": f"未通过的检查：{held}"}, rejected, results["results"])
        say(f"运行 {run.run_id} 被扣留：{held}")
        status = "held"
    else:
        restated = swap.publish(engine, facts, rejected, results["results"])
        say(f"运行 {run.run_id} 已发布" + (f"，更正 {restated} 处既往数字" if restated else ""))
        status = "published"
        for folder in ("text", "records"):
            shutil.rmtree(run.folder / folder, ignore_errors=True)
    engine.dispose()
    return status


def fail(run: Run, message: str) -> None:
    """Enter in the ledger that the run failed; the last published figures stand."""
    engine = open_database(run.database_url)
    swap.record_failure(engine, run.run_id, message)
    engine.dispose()


def _files(run: Run) -> list[LandingFile]:
    return [LandingFile(**f) for f in read_json(run.file("files.json"))]


def _content(file: LandingFile) -> tuple[str, str]:
    return file.dataset, file.sha256


def _committed_files(run: Run) -> set[tuple[str, str]]:
    return {(f["dataset"], f["sha256"]) for batch in committed(run.home) for f in batch.files}


def _text(run: Run, number: int) -> Any:
    return run.file("text", f"{number:06d}.parquet")


def _taken_in(run: Run) -> dict[str, TakenIn]:
    taken: dict[str, TakenIn] = {}
    for dataset in datasets_to_ingest(run):
        path = run.file("taken_in", f"{dataset}.json")
        if not path.exists():
            raise VbpError(f"运行 {run.run_id} 尚未接收数据集 {dataset}；请从接收步骤重新运行")
        taken |= {name: TakenIn(**t) for name, t in read_json(path).items()}
    return taken


def _policies(run: Run) -> Policies:
    return load_policies(run.policies)


def _credited_before(connection: sa.Connection) -> int:
    """The last batch that a finished run of this database has reported; later ones are credited to the run at
    hand.
    """
    runs = METADATA.tables["runs"]
    rows = connection.execute(
        sa.select(runs.c.lake_versions).where(
            runs.c.status.in_(["published", "held"]), runs.c.lake_versions.is_not(None)
        )
    )
    return max((json.loads(row[0])["batch"] for row in rows), default=0)


def _write_ledgers(run: Run, since: int) -> dict[str, Any]:
    """Write source_files, check_results and rejected_records of the run; return the facts of its ledger row."""
    validated = read_json(run.file("validated.json"))
    batch = last_batch(run.home)
    credited = [b for b in committed(run.home) if b.number > since]
    taken = _taken_in(run)
    listed = [f for f in _files(run) if f.status != "new" or taken[f.path].refused]
    others = [asdict(f) | {"status": "skipped" if f.status == "skipped" else "failed"} for f in listed]
    refused = [f.message or taken[f.path].message for f in listed if f.status != "skipped"]
    remarks = [r for b in credited for f in b.files for r in f["remarks"]]
    notes, policy_rows = {}, set()
    for code in all_indicators():
        found = read_json(run.file("notes", f"{code}.json"))
        notes[code] = found["notes"]
        policy_rows |= set(found["policy_rows"])
    files = ledger.source_files(credited, others)
    checks = check_results(files, refused, remarks, run.home, batch, since, run.folder / "records", notes)
    files.write_parquet(run.file("ledger", "source_files.parquet"))
    checks.write_parquet(run.file("ledger", "check_results.parquet"))
    ledger.rejected_records(run.home, batch, since).write_parquet(
        run.file("ledger", "rejected_records.parquet")
    )
    changes = {k: sum(b.changes[k] for b in credited) for k in ("withdrawn", "replaced")}
    cause = "withdrawal" if changes["withdrawn"] else "correction" if changes["replaced"] else "late_record"
    return {
        "started_at": run.started_at, "code_version": code_version(), "policy_digest": _policies(run).digest,
        "policy_rows": sorted(policy_rows), "lake_versions": {"batch": validated["batch"], **validated["versions"]},
        "input_digest": validated["input_digest"], "data_cause": cause,
        **{c: int(files[c].sum()) for c in ("rows_read", "rows_accepted", "rows_rejected")},
    }  # fmt: skip


def _write_findings(run: Run) -> None:
    parts = [pl.read_parquet(run.file("findings", f"{code}.parquet")) for code in all_indicators()]
    pl.concat(parts).sort("finding_id").write_parquet(run.file("reports", "findings.parquet"))


def _result_digest(run: Run) -> str:
    """SHA-256 over the sorted rows of the figure tables, without run, clock columns and what depends on
    earlier nights.
    """
    tables = []
    for table in FIGURES:
        path = run.file("reports", f"{table}.parquet")
        columns = [c for c in pl.read_parquet_schema(path) if c not in _NOT_IN_DIGEST]
        tables.append((table, path, columns))
    return digest_tables(tables)
