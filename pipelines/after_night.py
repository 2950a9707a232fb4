"""What follows a run, however it ended: its morning page, and the one message to those who answer for it."""

from __future__ import annotations

import logging

from pipelines.alarms.alarm import alarm_night
from pipelines.settings import Settings

_log = logging.getLogger(__name__)


def after_night(settings: Settings, run_id: str, error: BaseException | None = None) -> None:
    """Write the page of the run and tell what there is to tell; neither ever makes a night fail.

    `run_id` is empty where a run could not even be opened; `error` is why it ended, if it did not end well.
    """
    if run_id:
        try:
            _write_page(settings, run_id)
        except (
            Exception
        ) as problem:  # a page is read by people: they see that it is missing, the figures stand
            _log.warning("晨报页面未能写出（%s: %s）；数字不受影响", type(problem).__name__, problem)
    alarm_night(settings, run_id, error)


def _write_page(settings: Settings, run_id: str) -> None:
    from pipelines.publish.database import open_database
    from pipelines.reports.morning import write_morning_page

    engine = open_database(settings.database_url)
    try:
        write_morning_page(engine, settings.home.resolve(), run_id, settings.keep_pages)
    finally:
        engine.dispose()
