"""What was told today: the same thing is said once a day, however often a run is tried again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from pipelines.alarms.message import Message
from pipelines.errors import VbpError
from pipelines.store.private import privately
from pipelines.store.store import Store

_ASKED, _TOLD = "alarms/asked_since.json", "alarms/told.json"


def is_news(home: Store, message: Message, now: datetime) -> bool:
    """Whether a message holds a fact that was not told on this day (Shanghai) yet."""
    told = _read(home)
    return told.get("day") != f"{now:%Y-%m-%d}" or not set(message.facts) <= set(told["facts"])


def is_alarm_open(home: Store) -> bool:
    """Whether the last message was loud: then the next publication is news by itself."""
    return bool(_read(home).get("is_alarm_open"))


def asked_since(home: Store, now: datetime) -> datetime:
    """When it was first asked, from this home, whether a day is overdue: `now` the first time, and remembered."""
    try:
        if not home.has(_ASKED):
            with suppress(OSError), privately():  # what cannot be remembered is asked for the first time again
                home.put_json(_ASKED, now.isoformat(timespec="seconds"))
            return now
        return datetime.fromisoformat(home.read_json(_ASKED))
    except (OSError, VbpError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=now.tzinfo)


def note_told(home: Store, message: Message, now: datetime) -> None:
    """Remember what was told, in `alarms/told.json`; facts of earlier days are forgotten."""
    day, told = f"{now:%Y-%m-%d}", _read(home)
    earlier = told["facts"] if told.get("day") == day else []
    facts = sorted({*earlier, *message.facts})
    home.put_json(_TOLD, {"day": day, "facts": facts, "is_alarm_open": message.is_loud})


def _read(home: Store) -> dict[str, Any]:
    try:
        told = home.read_json(_TOLD)
    except (OSError, VbpError):  # never told, or unreadable: better said twice than not at all
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("facts"), list) else {}
