"""Try out the addresses: one short message to each, and what came of it."""

from __future__ import annotations

from pipelines.alarms.deliver import kind_of
from pipelines.alarms.message import SYSTEM
from pipelines.alarms.send import send
from pipelines.alarms.settings import AlarmSettings


def try_out(settings: AlarmSettings) -> list[tuple[str, str]]:
    """Send a test message to every address; return for each its place and kind, and '' or why it failed."""
    body = f"收到即说明地址可用。负责人：{settings.owner or '未设置 VBP_ALARM_OWNER'}"
    return [
        (f"第 {place} 个地址（{kind_of(address)}）", send(address, f"{SYSTEM}试发", body, is_loud=False))
        for place, address in enumerate(settings.addresses, start=1)
    ]
