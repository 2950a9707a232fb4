"""The terminal of a command whose libraries print what nobody asked for: it goes to a file, and only messages are shown."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pipelines.reports.terminal.text import PlainConsole
from pipelines.store.clock import SHANGHAI


@contextmanager
def set_aside(log: Path, logger: logging.Logger) -> Iterator[Callable[[str], None]]:
    """Let all that is printed, by this process and those that it starts, go to `log`; yield what says a message with the time on
    the real standard error, as every message of `logger` is said.
    """
    kept = [os.dup(1), os.dup(2)]
    with log.open("wb") as file, os.fdopen(os.dup(2), "w", encoding="utf-8") as terminal:
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
        told = _Told(PlainConsole(file=terminal, soft_wrap=True))
        logger.setLevel(logging.INFO)
        logger.addHandler(told)
        try:
            yield told.say
        finally:
            logger.removeHandler(told)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for descriptor, real in zip((1, 2), kept, strict=True):
                os.dup2(real, descriptor)
                os.close(real)


class _Told(logging.Handler):
    def __init__(self, terminal: PlainConsole) -> None:
        super().__init__()
        self.terminal = terminal

    def say(self, message: str) -> None:
        self.terminal.print(f"[{datetime.now(SHANGHAI):%H:%M:%S}] {message}")

    def emit(self, record: logging.LogRecord) -> None:
        self.say(record.getMessage())
