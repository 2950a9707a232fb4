"""Tell the person who answers for the batch how a run ended; quiet when nothing is new."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from pipelines.alarms.compose import compose, tell_failure
from pipelines.alarms.deliver import deliver
from pipelines.alarms.message import Message, sign
from pipelines.alarms.night import read_night
from pipelines.alarms.settings import AlarmSettings
from pipelines.alarms.told import is_alarm_open, is_news, note_told
from pipelines.database.ledger import status_of
from pipelines.database.open import at_one_moment, opened
from pipelines.errors import describe
from pipelines.settings import Settings
from pipelines.store.clock import SHANGHAI
from pipelines.store.store import Store

_log = logging.getLogger("pipelines.alarms")


def alarm(
    engine: sa.Engine,
    home: Store,
    run_id: str,
    settings: AlarmSettings,
    now: datetime | None = None,
    unwritten: Sequence[str] = (),
) -> Message | None:
    """Tell how a run ended; return what was said, None where nothing was. Never raises.

    Published with nothing new against the run before: silence. Published with news, or after an alarm: one
    quiet note. Held, failed, or pages `unwritten`: loud, once a day for the same reason. A report database that cannot be
    read is loud too. What an earlier call could not send is sent first.
    """
    try:
        with at_one_moment(engine) as connection:
            night = read_night(connection, run_id)
        if night is None:
            _log.error(f"运行台账中没有运行 {run_id}，无从通知")
        message = compose(night, unwritten, ends_alarm=is_alarm_open(home)) if night else None
    except sa.exc.SQLAlchemyError as error:
        message = tell_failure(f"结果库无法读取（{type(error).__name__}）", run_id=run_id)
    except Exception:  # whatever is wrong with the telling, the night stands
        _log.exception(f"运行 {run_id} 的消息未能写成")
        message = tell_failure("消息未能写成，详见日志", run_id=run_id)
    return tell(message, home, settings, now)


def alarm_night(
    night: Settings, run_id: str = "", error: BaseException | None = None, unwritten: Sequence[str] = ()
) -> Message | None:
    """Tell how a night ended, with the alarm settings of the environment; what wires the nights calls this.

    `run_id` is empty where `error` came before the run was opened. A run that the ledger still calls running
    (its failure could not be entered) is told with its error. Never raises.
    """
    try:
        settings = AlarmSettings()
        reason = describe(error) if error else ""
        if not run_id:
            return alarm_unopened(night.home, reason, settings)
        with opened(night.database_url) as engine:
            said = alarm(engine, night.home, run_id, settings, unwritten=unwritten)
            if said is None and error and _is_running(engine, run_id):
                said = tell(tell_failure(reason, run_id=run_id), night.home, settings)
            return said
    except Exception as fault:  # its text might quote a setting
        _log.error(f"消息未能发出：{type(fault).__name__}；请核对 VBP_ALARM_… 各变量")
        return None


def _is_running(engine: sa.Engine, run_id: str) -> bool:
    with at_one_moment(engine) as connection:
        return status_of(connection, run_id) == "running"


def alarm_unopened(home: Store, reason: str, settings: AlarmSettings, now: datetime | None = None) -> Message | None:
    """Tell that a run could not even be opened (lock, policies, database, landing zone); as `alarm`."""
    return tell(tell_failure(reason), home, settings, now)


def tell(message: Message | None, home: Store, settings: AlarmSettings, now: datetime | None = None) -> Message | None:
    """Sign and deliver a message unless all of it was said today; return it if it was said. Never raises.

    Without addresses the message goes to the log alone, and nothing is remembered as told.
    """
    now = now or datetime.now(SHANGHAI)
    if not settings.addresses:
        said = sign(message, settings) if message else None
        if said:
            _log.info(f"{said.title}\n{said.body}")
        return said
    said = sign(message, settings) if message and is_news(home, message, now) else None
    deliver(said, home, settings, now)
    if said:
        try:
            note_told(home, said, now)
        except OSError as error:
            _log.error(f"已说过的消息未能记下，可能重复：{type(error).__name__}")
    return said
