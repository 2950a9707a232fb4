"""What was told today: the same thing is said once a day, however often a run is tried again."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.alarms.message import Message
from pipelines.store.durable import write_json
from pipelines.store.private import privately


def is_news(home: Path, message: Message, now: datetime) -> bool:
    """Whether a message holds a fact that was not told on this day (Shanghai) yet."""
    told = _read(home)
    return told.get("day") != f"{now:%Y-%m-%d}" or not set(message.facts) <= set(told["facts"])


def is_alarm_open(home: Path) -> bool:
    """Whether the last message was loud: then the next publication is news by itself."""
    return bool(_read(home).get("is_alarm_open"))


def asked_since(home: Path, now: datetime) -> datetime:
    """When it was first asked, from this home, whether a day is overdue: `now` the first time, and remembered."""
    path = home / "alarms" / "asked_since.json"
    try:
        return datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        with suppress(OSError), privately():  # what cannot be remembered is asked for the first time again
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, now.isoformat(timespec="seconds"))
        return now
    except (OSError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=now.tzinfo)


def note_told(home: Path, message: Message, now: datetime) -> None:
    """Remember what was told, in `alarms/told.json`; facts of earlier days are forgotten."""
    day, told = f"{now:%Y-%m-%d}", _read(home)
    earlier = told["facts"] if told.get("day") == day else []
    facts = sorted({*earlier, *message.facts})
    path = home / "alarms" / "told.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {"day": day, "facts": facts, "is_alarm_open": message.is_loud})


def _read(home: Path) -> dict[str, Any]:
    try:
        told = json.loads((home / "alarms" / "told.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # never told, or unreadable: better said twice than not at all
        return {}
    return told if isinstance(told, dict) and isinstance(told.get("facts"), list) else {}
