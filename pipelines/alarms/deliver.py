"""Deliver a message to every address; what could not be delivered waits below `alarms/unsent` for the next time."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pipelines.alarms.message import Message
from pipelines.alarms.send import send
from pipelines.alarms.settings import AlarmSettings
from pipelines.store.store import Object, Store

_log = logging.getLogger("pipelines.alarms")
_KEPT = 20


def deliver(message: Message | None, home: Store, settings: AlarmSettings, now: datetime) -> bool:
    """Send what waits, the oldest first, then `message`; true when nothing is left waiting. Never raises.

    An address that fails is not tried again for the rest of this call. What it missed is kept for it alone;
    addresses are named by their place and kind. Of what waits the last 20 messages are kept; each is sent
    under its own time.
    """
    try:
        unsent = home.below("alarms/unsent")
        down: set[str] = set()
        for name in list(unsent.list()):
            _resend(unsent.at(name), settings, down)
        if message is not None:
            _log.info(f"{message.title}\n{message.body}")
            missed = _send_all(message, settings, settings.addresses, down)
            if missed:
                _keep(unsent, message, missed, now)
        return not down
    except Exception as error:  # a full disk, say: telling must not make a night fail
        _log.error(f"消息未能送达或保存：{type(error).__name__}")
        return False


def _send_all(message: Message, settings: AlarmSettings, to: list[str], down: set[str]) -> list[str]:
    """Send to some addresses; return those that did not get it, and add them to `down`."""
    for address in to:
        if address in down:
            continue
        if reason := send(address, message.title, message.body, is_loud=message.is_loud):
            down.add(address)
            place = settings.addresses.index(address) + 1
            _log.error(f"VBP_ALARM_URLS 第 {place} 个地址（{kind_of(address)}）未送达：{reason}；下次一并补发")
    return [address for address in to if address in down]


def kind_of(address: str) -> str:
    """The scheme, if it looks like one: a secret pasted without its scheme must not be shown."""
    scheme, found, _ = address.partition("://")
    return scheme if found and scheme.isalpha() and len(scheme) <= 12 else "地址无法识别"


def _resend(waits: Object, settings: AlarmSettings, down: set[str]) -> None:
    try:
        kept = json.loads(waits.read())
        title = f"{kept['title']}（补发，原定 {kept['written_at']}）"
        message = Message(title, kept["body"], kept["is_loud"], ())
        waiting = set(kept["to"])
    except (KeyError, TypeError, ValueError):  # it must not block the messages behind it
        _log.error(f"待补发的消息 {waits} 无法读取，已跳过；请查看后删除")
        return
    to = [address for address in settings.addresses if _name(address) in waiting]
    missed = _send_all(message, settings, to, down)
    if missed:
        waits.store.put_json(waits.key, kept | {"to": [_name(address) for address in missed]})
    else:
        waits.store.drop(waits.key)


def _keep(unsent: Store, message: Message, missed: list[str], now: datetime) -> None:
    content: dict[str, Any] = asdict(message) | {"written_at": f"{now:%Y-%m-%d %H:%M}"}
    content["to"] = [_name(address) for address in missed]
    unsent.put_json(f"{now:%Y%m%dT%H%M%S%f}.json", content)
    for name in list(unsent.list())[:-_KEPT]:
        unsent.drop(name)


def _name(address: str) -> str:
    """What stands for an address on disk."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]
