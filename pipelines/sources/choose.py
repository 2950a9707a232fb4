"""Which sources are pulled, and by whom."""

from __future__ import annotations

import getpass
import socket
from pathlib import Path

from pipelines.errors import UsageError
from pipelines.sources.described import FILE, Source, read_sources


def choose(policies: Path | None, named: str = "") -> tuple[Source, ...]:
    """The sources of a policy folder that are meant by `deliveries/cixi` or `cixi`, all that are enabled where none is named;
    UsageError where there is none.
    """
    if policies is None:
        raise UsageError("没有政策目录；请用 --policies 或环境变量 VBP_POLICIES 指定放着 sources.toml 的目录")
    if not (sources := read_sources(policies)):
        raise UsageError(f"{policies / FILE} 不存在或没有来源；写法见 seeds/sources.example.toml")
    if not named:
        return tuple(source for source in sources if source.enabled)
    if not (chosen := tuple(source for source in sources if named in (source.id, source.name))):
        raise UsageError(f"没有来源“{named}”；{policies / FILE} 里有：{'、'.join(source.id for source in sources)}")
    return chosen


def who() -> str:
    """Account and host of whoever gives the command."""
    return f"{getpass.getuser()}@{socket.gethostname()}"
