"""The steps of a night. Airflow and the command line call the same functions, in this order:

begin → ingest → validate → compute → stage → audit → publish.

Each step reads what the one before wrote below the run's folder, and may be repeated. Of those with a portion (`plan`)
several may be at work at the same time, on any number of machines. A task of Airflow is a process that does one step, so
each imports by itself what no other needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from pipelines.database import lease
from pipelines.database.open import opened
from pipelines.database.standing import standing as figures_standing
from pipelines.indicators import all_indicators
from pipelines.lake.batches import find_batch
from pipelines.lake.laid_out import batch_of
from pipelines.night import plan
from pipelines.night.base import base_run, note_base, read_base
from pipelines.night.begin import Say, begin, make_ready, quiet, take_up
from pipelines.night.status import standing
from pipelines.policy.kept import read_policies
from pipelines.publish.leftovers import tidy
from pipelines.store import keys
from pipelines.store.dossier import Accepted, Audit, note
from pipelines.store.runs import Run
from schemas.records import RECORDS

if TYPE_CHECKING:
    from pipelines.policy.policies import Policies
    from pipelines.publish.tasks.terms import Terms

__all__ = [
    "audit",
    "begin",
    "compute",
    "compute_parts",
    "ingest",
    "list_portions",
    "make_ready",
    "publish",
    "stage",
    "stage_again",
    "take_up",
    "tidy",
    "validate",
    "validate_parts",
]


def list_portions(run: Run, wave: str) -> list[str]:
    """The portions of a wave: new files (`ingest`), rows of them that are judged by themselves (`validate_parts`), or what is
    computed at the same time (`compute_parts`, `compute`, `resting_parts`, `resting`), which is known once they were validated.
    """
    listed = {"ingest": plan.file_portions, "validate_parts": plan.row_portions}.get(wave)
    return listed(run) if listed else plan.indicator_portions(run)[wave]


def ingest(run: Run, portion: str, say: Say = quiet) -> None:
    """Archive the new files of a portion and write their rows as text."""
    from pipelines.ingest.take_in import take_in

    taken: dict[str, Any] = {}
    files = plan.files(run)
    for number in plan.numbers(portion):
        if (file := files[number]).status == "new":
            result = take_in(file, run.landing, run.home.below(keys.ARCHIVE), plan.text(run, number))
            taken[file.path] = asdict(result)
            say(f"接收 {file.path}：" + (f"整个文件被拒收（{result.message}）" if result.refused else f"{result.rows_read} 行"))
    run.store.put_json(keys.taken_in(portion), taken)


def validate_parts(run: Run, portion: str, say: Say = quiet) -> None:
    """Judge some groups of rows of a dataset (`DATASET:0-4`) by themselves, for `validate` to settle."""
    from pipelines.settle.settle import judge_ahead

    dataset, _, span = portion.partition(":")
    files, ahead = plan.accepted_files(run), run.store.below(keys.JUDGED)
    rows = judge_ahead(run.home, run.run_id, files, plan.text_of(run), dataset, plan.numbers(span), ahead, as_of=run.as_of)
    say(f"校验 {RECORDS[dataset].title} 的第 {span} 部分：{rows} 行")


def validate(run: Run, say: Say = quiet) -> None:
    """Accept what is good into the lake as one batch, and write down the records this run computes from; rows that were judged
    by themselves are not judged again. Records that were laid out stay the run's: figures may have been computed from them.
    """
    from pipelines.lake.lay_out import lay_out_once
    from pipelines.settle.settle import settle

    if (number := batch_of(run.store)) is None:
        ahead = run.store.below(keys.JUDGED)
        files, text_of = plan.accepted_files(run), plan.text_of(run)
        batch = settle(run.home, run.run_id, files, text_of, say, as_of=run.as_of, ahead=ahead)
        laid_on = lay_out_once(run.home, batch, run.store)
    else:
        batch, laid_on = find_batch(run.home, number), True
    with opened(run.database_url) as engine:
        carried = note_base(run, engine, _policies(run), Accepted(batch=batch.number, versions=batch.versions))
    say(
        f"数据湖第 {batch.number} 批，"
        + ("在上次记录的基础上续算" if laid_on else "记录已重新整理")
        + _say_carried(carried if laid_on else [])
    )


def _say_carried(codes: Sequence[str]) -> str:
    indicators = all_indicators()
    if len(codes) == len(indicators):
        return "，数字在上次发布的基础上续算"
    titles = "、".join(i.title_zh for code, i in indicators.items() if code not in codes)
    return f"，重新计算{titles}，其余数字在上次发布的基础上续算" if codes else ""


def compute_parts(run: Run, portion: str, say: Say = quiet) -> None:
    """Compute some parts of an indicator (`CODE:0-3`) by themselves, for `compute` to add up."""
    from pipelines.engine.compute import compute_parts as compute_parts_of

    code, _, span = portion.partition(":")
    indicator = all_indicators()[code]
    compute_parts_of(indicator, plan.inputs_of(run, indicator), run.store, plan.numbers(span))
    say(f"计算 {indicator.title_zh} 的第 {span} 部分")


def compute(run: Run, codes: str, say: Say = quiet) -> None:
    """Compute indicators (`CODE,CODE`) from the run's records, one after another; parts that were computed by
    themselves are added up. What this program has computed stands: it may be sealed.
    """
    from pipelines.engine.compute import compute as compute_indicator
    from pipelines.engine.kept_sums import is_computed

    for code in codes.split(","):
        indicator = all_indicators()[code]
        if is_computed(run.store, indicator):
            say(f"计算 {indicator.title_zh}：此前已算完")
            continue
        counts = compute_indicator(indicator, plan.inputs_of(run, indicator), run.store, base_run(run, code))
        say(f"计算 {indicator.title_zh}：" + "，".join(f"{table} {rows} 行" for table, rows in counts.items()))


def stage(run: Run, say: Say = quiet) -> None:
    """Put together what the night has to say, and put it into the staging tables."""
    from pipelines.night.assemble import assemble

    with opened(run.database_url) as engine:
        assemble(run, engine, _policies(run))
    used = stage_again(run, say).used
    figures = run.figures
    note(run.store, figures=figures.model_copy(update={"policy_rows": tuple(sorted({*figures.policy_rows, *used}))}))


def stage_again(run: Run, say: Say = quiet) -> Terms:
    """Load the staging tables from what was put together, also for a held run that is released later; return its terms."""
    from pipelines.database.made import made_by
    from pipelines.publish.stage import stage as stage_reports
    from pipelines.publish.tasks.terms import terms_at

    terms = terms_at(run.store)
    assert terms is not None  # it was computed before
    with opened(run.database_url) as engine:
        fence = lease.prove(engine, run.run_id, run.home)
        rows = stage_reports(engine, run.run_id, run.as_of, read_base(run), run.store, terms, made_by(run.store), fence)
    say(f"暂存 {sum(rows.values())} 行结果")
    return terms


def _stage_where_gone(run: Run, engine: sa.Engine, say: Say) -> None:
    from pipelines.publish.stage import is_staged

    if not is_staged(engine, run.run_id, run.as_of):
        say("暂存的结果已不在（结果库可能异常重启过），现在按运行的中间文件重新暂存")
        stage_again(run, say)


def audit(run: Run, say: Say = quiet) -> list[dict[str, Any]]:
    """Check the staged tables through SQL; return the checks that failed."""
    from pipelines.audit.gates import resolve_limits
    from pipelines.audit.great_expectations import audit as audit_staged
    from pipelines.database.made import made_by

    policies = _policies(run)
    limits = resolve_limits(policies, run.as_of)
    with opened(run.database_url) as engine:
        _stage_where_gone(run, engine, say)
        made, own = lambda run_id: made_by(run.beside(run_id)), run.store.below(keys.EXPECTATIONS)
        results = audit_staged(engine, run.run_id, run.as_of, limits, run.store, own, made)
    note(run.store, audit=Audit(results=tuple(results), policy_rows=tuple(sorted(policies.used))))
    failed = [r for r in results if r["status"] == "failed"]
    say(f"审核 {len(results)} 项检查，未通过 {len(failed)} 项")
    return failed


def publish(run: Run, say: Say = quiet, *, released_by: str = "", note: str = "") -> str:
    """Publish the staged run in one transaction, or hold it when a check failed and nobody released it;
    return the status. What a crash of the database took out of staging is staged again.
    """
    from pipelines.database.made import made_by
    from pipelines.publish import swap
    from pipelines.publish.changes import Causes
    from pipelines.publish.frozen import explain_frozen
    from pipelines.publish.sealed_files import list_files
    from pipelines.publish.tasks.terms import terms_at

    figures, audited = run.figures, run.audit
    failed = [r for r in audited.results if r["status"] == "failed"]
    facts = figures.model_dump() | {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "started_at": run.started_at,
        "policy_rows": sorted({*figures.policy_rows, *audited.policy_rows}),
        "released_by": released_by or None,
        "note": note or None,
    }
    with opened(run.database_url) as engine:
        fence = lease.prove(engine, run.run_id, run.home)
        if standing(run) != "published":
            _stage_where_gone(run, engine, say)
        rejected = run.store.at(keys.REJECTED)
        if failed and not released_by:
            held = "；".join(r["check_id"] for r in failed)
            swap.hold(
                engine,
                facts | {"note": f"未通过的检查：{held}"},
                rejected,
                audited.results,
                copies=run.store,
                rests_on=partial(list_files, run.home, run.run_id, is_held=True),
                fence=fence,
            )
            say(f"运行 {run.run_id} 被扣留：{held}")
            status = "held"
        else:
            cells = run.store.at(keys.CAUSES) if figures.has_causes else None
            causes = Causes(figures.cause, cells)
            base = read_base(run)
            made_then = made_by(run.beside(base.run_id)) if base else None
            restated = swap.publish(
                engine,
                facts,
                rejected,
                audited.results,
                causes,
                names=run.store,
                made_then=made_then,
                terms=lambda run_id: terms_at(run.beside(run_id)),
                rests_on=partial(list_files, run.home, run.run_id),
                fence=fence,
            )
            with engine.connect() as connection:
                stands = figures_standing(connection, run.as_of)
            assert stands is not None
            if stands.run_id != run.run_id:
                say(explain_frozen(stands, restated))
            else:
                say(f"运行 {run.run_id} 已发布" + (f"，更正 {restated} 处既往数字" if restated else ""))
            status = "published"
            tidy(run)
        with engine.begin() as connection:
            lease.leave(connection, run.run_id)  # of a run that was published before, too
    return status


def _policies(run: Run) -> Policies:
    """As they were when the run was begun: they are kept with it."""
    return read_policies(run.store)
