"""A whole night in one process: what the command line runs, and how a held run is let through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date

import sqlalchemy as sa

from pipelines.database.home_mark import claim
from pipelines.database.lease import kept, leave, take, who_holds
from pipelines.database.open import METADATA, migrate, opened
from pipelines.errors import UsageError, describe
from pipelines.indicators import all_indicators
from pipelines.night import steps as nightly
from pipelines.night.after import after_night
from pipelines.night.begin import Say, begin, make_ready
from pipelines.night.status import fail_open
from pipelines.settings import Settings
from pipelines.store import keys
from pipelines.store.dossier import tallies_of
from pipelines.store.runs import HomeBusyError, Run, load_run, lock


def run_night(settings: Settings, as_of: date, say: Say) -> tuple[str, str]:
    """Run every step in order; return the status (`published` or `held`) and the run's id.

    Whatever goes wrong after the run was opened is entered in the ledger, the last published figures stand,
    and those who have to know are told.
    """
    run_id = ""
    try:
        make_ready(settings, as_of)
        with hold_home(settings):
            run = begin(settings, as_of, say)
            run_id = run.run_id
            try:
                with opened(run.database_url) as engine, kept(engine, run_id):
                    status = do_steps(run, say)
            except BaseException as error:  # a panic of the engine and an interrupt are failures too
                fail_open(run, describe(error))
                raise
    except BaseException as error:
        after_night(settings, run_id, error)
        raise
    _say_unwritten(after_night(settings, run_id), say)
    return status, run_id


def _say_unwritten(unwritten: Sequence[str], say: Say) -> None:
    for problem in unwritten:
        say(f"错误：{problem}；排除原因后执行 vbp site")


@contextmanager
def hold_home(settings: Settings) -> Iterator[None]:
    """Hold the home for this process alone; where another works on it, its HomeBusyError says which run that is."""
    try:
        with lock(settings.home):
            yield
    except HomeBusyError as error:
        raise HomeBusyError(_name_holder(settings) or str(error)) from error


def _name_holder(settings: Settings) -> str:
    with opened(settings.database_url) as engine, suppress(sa.exc.SQLAlchemyError), engine.connect() as connection:
        return who_holds(connection)
    return ""


def do_steps(run: Run, say: Say) -> str:
    """Every step of an open run, from taking files in to publishing; return the status."""
    for portion in nightly.list_portions(run, "ingest"):
        nightly.ingest(run, portion, say)
    nightly.validate(run, say)
    for code in all_indicators():
        nightly.compute(run, code, say)
    nightly.stage(run, say)
    nightly.audit(run, say)
    return nightly.publish(run, say)


def release(settings: Settings, run_id: str, by: str, note: str, say: Say) -> None:
    """Publish a held run as it was computed; UsageError for a run that is not held, or that a later one has
    overtaken.

    Killed on the way and called again, it finishes what was begun: the pages too, where the figures are published
    already. A release that was finished is told, and nothing changes.
    """
    run = load_run(settings, run_id)
    with hold_home(settings), opened(run.database_url) as engine:
        migrate(engine)  # the program may be newer than the run
        runs = METADATA.tables["runs"]
        with engine.connect() as connection:
            own = connection.execute(runs.select().where(runs.c.run_id == run_id)).first()
            later = connection.execute(
                runs.select().where(runs.c.as_of == run.as_of, runs.c.status == "published", runs.c.started_at > run.started_at)
            ).first()
        status = own.status if own else None
        if own and status == "published" and own.released_by:
            if not run.store.has(keys.RELEASE_BEGUN):
                say(f"运行 {run_id} 已由 {own.released_by} 于 {own.finished_at[:19]} 放行并发布，没有变化")
                return
            say(f"运行 {run_id} 已由 {own.released_by} 放行并发布，上次没有做完；现在补完其余步骤")
            nightly.tidy(run)
        else:
            if status != "held":
                raise UsageError(f"运行 {run_id} 的状态是 {status or '不存在'}，只有被扣留（held）的运行可以放行")
            if later is not None:
                raise UsageError(f"运行 {run_id} 之后，运行 {later.run_id} 已发布同一截止日的数字；请重新运行，不要放行旧结果")
            if not tallies_of(run.store):
                raise UsageError(
                    f"运行 {run_id} 由最初版本的程序算出，没有记下相对哪一日的数字，现在的程序无法放行；"
                    f"它接收的文件都在，请重新计算：vbp run --as-of {run.as_of}"
                )
            claim(engine, run.home, lambda connection: take(connection, run_id, run.home))
            run.store.put(keys.RELEASE_BEGUN, b"")
            try:
                with kept(engine, run_id):
                    nightly.stage_again(run, say)
                    nightly.publish(run, say, released_by=by, note=note)
            except BaseException:
                with suppress(sa.exc.SQLAlchemyError), engine.begin() as connection:
                    leave(connection, run_id)
                raise
    _say_unwritten(after_night(settings, run_id), say)
    run.store.drop(keys.RELEASE_BEGUN)
