"""What follows a run, however it ended: its correction workbooks, its morning page, the report site where figures were
published, and the one message to those who answer for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from pipelines.alarms.alarm import alarm_night
from pipelines.errors import describe
from pipelines.settings import Settings
from pipelines.store.private import privately

_log = logging.getLogger(__name__)


def after_night(settings: Settings, run_id: str, error: BaseException | None = None) -> list[str]:
    """Write the workbooks for the senders of rejected rows, the page of the run, and the site if it published, and tell
    what there is to tell, loudly what could not be written; return that, in Chinese. None of it raises.

    `run_id` is empty where a run could not even be opened; `error` is why it ended, if it did not end well.
    """
    unwritten: list[str] = []
    with privately():
        if run_id:
            for what, write in _WRITTEN:
                _try(unwritten, what, partial(write, settings, run_id))
        if unwritten:
            _try([], "晨报页面", partial(_write_page, settings, run_id, unwritten))
        alarm_night(settings, run_id, error, unwritten)
    return unwritten


def _try(unwritten: list[str], what: str, write: Callable[[], None]) -> None:
    try:
        write()
    except Exception as problem:  # people see that it is missing, the figures stand
        unwritten.append(f"{what}未能写出（{describe(problem)}）；数字不受影响")
        _log.error(unwritten[-1])


def _keep_returns(settings: Settings, run_id: str) -> None:
    """Of a run that failed none are written: what it took in is answered for by the next."""
    from pipelines.desk.nightly_returns import keep_returns
    from pipelines.night.status import standing
    from pipelines.store.runs import load_run

    run = load_run(settings, run_id)
    if standing(run) in ("published", "held"):
        accepted = run.dossier.accepted
        assert accepted is not None  # it was computed
        keep_returns(run.home, run_id, accepted.batch)


def _retain(settings: Settings, run_id: str) -> None:
    """Where `VBP_KEEP_NIGHTS` says so, and the run published; while another run holds the home, the next one does it."""
    from pipelines.database.ledger import status_of
    from pipelines.database.open import opened
    from pipelines.retain.retain import retain
    from pipelines.store.runs import HomeBusyError, lock

    if not settings.keep_nights:
        return
    with opened(settings.database_url) as engine, suppress(HomeBusyError), lock(settings.home):
        with engine.connect() as connection:
            is_published = status_of(connection, run_id) == "published"
        if is_published:
            retain(engine, settings.home, settings.keep_nights)


def _write_page(settings: Settings, run_id: str, unwritten: Sequence[str] = ()) -> None:
    from pipelines.database.open import opened
    from pipelines.reports.morning import write_morning_page

    with opened(settings.database_url) as engine:
        write_morning_page(engine, settings.home, run_id, settings.keep_pages, unwritten)


def _write_site(settings: Settings, run_id: str) -> None:
    """A run that was held or failed changed no figure."""
    from pipelines.database.ledger import status_of
    from pipelines.database.open import opened
    from pipelines.reports.site import write_site

    with opened(settings.database_url) as engine:
        with engine.connect() as connection:
            is_published = status_of(connection, run_id) == "published"
        if is_published:
            write_site(engine, settings.home)


_WRITTEN: tuple[tuple[str, Callable[[Settings, str], None]], ...] = (
    ("退回整改表", _keep_returns),
    ("保留期清理记录", _retain),
    ("晨报页面", _write_page),
    ("报告网站", _write_site),
)
