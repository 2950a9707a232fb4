"""Open a run: once it is entered in the ledger, its steps may follow in any process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

import sqlalchemy as sa

from pipelines.database import lease
from pipelines.database.home_mark import claim
from pipelines.database.open import migrate, opened
from pipelines.errors import UsageError, VbpError
from pipelines.indicators import all_indicators, read_card
from pipelines.ingest.discover import tell_waiting
from pipelines.night import plan
from pipelines.night.status import standing
from pipelines.policy.kept import keep_policies
from pipelines.policy.policies import Policies, load_policies
from pipelines.publish import swap
from pipelines.publish.frozen import refuse_closed
from pipelines.publish.leftovers import clear_leftovers
from pipelines.settings import Settings
from pipelines.store import clock, keys
from pipelines.store.private import make_home
from pipelines.store.runs import Run, code_version, enter, load_run, name_run

Say = Callable[[str], None]

_FIRST_DAY = date(1900, 1, 1)  # as for the days of records


def quiet(_: str) -> None:
    """Say nothing."""
    return None


def make_ready(settings: Settings, as_of: date) -> None:
    """Check what can be checked without a home, then make it, private; UsageError for a landing zone that is not there
    and for a day that cannot be computed, VbpError for an indicator without a card, which its pages could not show.
    """
    for code in all_indicators():
        read_card(code)
    if not settings.landing.is_dir():
        raise UsageError(f"找不到数据目录 {settings.landing}；请用 --landing 或环境变量 VBP_LANDING 指定")
    today = clock.today()
    if not _FIRST_DAY <= as_of <= today:  # of days to come nobody knows what was paid until then
        raise UsageError(f"统计截止日 {as_of} 无法计算；应在 {_FIRST_DAY} 至今天 {today} 之间（--as-of 或 VBP_AS_OF）")
    make_home(settings.home)


def begin(settings: Settings, as_of: date, say: Say = quiet, *, dag_run: str = "") -> Run:
    """Open a run: check policies and database, take the lease, list the files of the landing zone, enter the run in the
    ledger.

    A run that was interrupted before is marked as failed; what it had not committed is done again by this
    one. LeaseError, and nothing is changed, while another run is at work. `dag_run`: the Airflow run that does it.
    """
    make_ready(settings, as_of)
    policies = load_policies(settings.policies)
    run = name_run(settings, as_of)
    with opened(run.database_url) as engine:
        migrate(engine)
        with engine.connect() as connection:
            refuse_closed(connection, as_of)
        claim(engine, run.home, lambda connection: lease.take(connection, run.run_id, run.home, dag_run=dag_run))
        try:
            _open(settings, run, policies, engine, say)
        except BaseException:
            _leave(engine, run.run_id)
            raise
    return run


def _leave(engine: sa.Engine, run_id: str) -> None:
    with suppress(sa.exc.SQLAlchemyError), engine.begin() as connection:
        lease.leave(connection, run_id)


def _open(settings: Settings, run: Run, policies: Policies, engine: sa.Engine, say: Say) -> None:
    enter(run)
    keep_policies(run.store, settings.policies)
    for suite in (settings.policies / "expectations").glob("*.json") if settings.policies else ():
        run.store.put(f"{keys.EXPECTATIONS}/{suite.name}", suite.read_bytes())
    clear_leftovers(engine, run.home, run.run_id)
    files = plan.look_around(run, settings, engine, say)
    facts = {
        "run_id": run.run_id,
        "as_of": run.as_of,
        "started_at": run.started_at,
        "code_version": code_version(),
        "policy_digest": policies.digest,
    }
    swap.begin(engine, facts)
    new, waiting = sum(f.status == "new" for f in files), [f.path for f in files if f.status == "waiting"]
    there = len(files) - len(waiting)
    say(f"运行 {run.run_id}（统计截止日 {run.as_of}）：{run.landing} 共 {there} 个文件，其中新文件 {new} 个")
    if waiting:
        say(f"另有 {tell_waiting(waiting, run.settle_seconds)}")


def take_up(settings: Settings, run_id: str) -> Run:
    """Take up an open run in another process; VbpError when it was closed meanwhile, by its end or by a later
    run.
    """
    run = load_run(settings, run_id)
    if (status := standing(run)) != "running":
        raise VbpError(f"运行 {run_id} 的状态是 {status or '不存在'}，已不能继续；请重新开始一次运行")
    return run
