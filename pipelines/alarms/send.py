"""Send one message to one address, through apprise; nothing that it logs or raises gets out: it may hold secrets."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.alarms.robots import is_robot, post_to_robot


def send(address: str, title: str, body: str, *, is_loud: bool) -> str:
    """Send; return '' when the other side took the message, else why not, without any part of the address.

    One attempt with the time limits of apprise: 4 s to connect and 4 s to answer over HTTP, 15 s per step of
    a mail; `?cto=…&rto=…&retry=…` in an address changes them, within the bounds that apprise sets.
    """
    with _hush("apprise", "urllib3"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library imports modules that Python has deprecated
        try:
            import apprise

            asset = apprise.AppriseAsset(
                app_id="vbp-compliance",
                async_mode=False,
                interpret_emojis=False,
                interpret_escapes=False,
                storage_mode=apprise.PersistentStoreMode.MEMORY,
            )
            server = apprise.Apprise.instantiate(address, asset=asset)
            if server is None:
                return "地址无法识别，请核对写法"
            if is_robot(server):
                return post_to_robot(server, f"{title}\n{body}")
            kind = apprise.NotifyType.FAILURE if is_loud else apprise.NotifyType.INFO
            group = apprise.Apprise(asset=asset)
            group.add(server)
            done = group.notify(body, title, kind, body_format=apprise.NotifyFormat.TEXT)
            return "" if done else "无法连接，或对方未接受"
        except Exception as error:  # its text may quote the address
            return type(error).__name__


@contextmanager
def _hush(*names: str) -> Iterator[None]:
    """Keep loggers silent for a while: at low levels they write out tokens, at higher ones faulty addresses."""
    loggers = [logging.getLogger(name) for name in names]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
