"""What was told today: the same thing is said once a day, however often a run is tried again."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.alarms.message import Message
from pipelines.store.durable import write_json


def is_news(home: Path, message: Message, now: datetime) -> bool:
    """Whether a message holds a fact that was not told on this day (Shanghai) yet."""
    told = _read(home)
    return told.get("day") != f"{now:%Y-%m-%d}" or not set(message.facts) <= set(told["facts"])


def is_alarm_open(home: Path) -> bool:
    """Whether the last message was loud: then the next publication is news by itself."""
    return bool(_read(home).get("is_alarm_open"))


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
