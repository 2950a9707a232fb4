"""How the sources stand when a night begins: what was not fetched is said by that night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.sources import ledger
from pipelines.sources.described import FILE, SourcesError, read_sources
from pipelines.store.clock import SHANGHAI
from pipelines.store.dossier import SourceStands

_OLD = timedelta(hours=36)  # nights are a day apart, and one may be late


def sources_stand(policies: Path | None, engine: sa.Engine) -> tuple[SourceStands, ...]:
    """Every enabled source of `sources.toml`, and why its new data may be missing (Chinese, '' where nothing speaks for it).

    A file that cannot be used is told as one source of its own name: the night goes on with what lies there.
    """
    try:
        sources = read_sources(policies)
    except SourcesError as error:
        return (SourceStands(source=FILE, problem=f"{error}；没有拉取任何来源"),)
    with engine.connect() as connection:
        last = ledger.last_pulls(connection) if sources else {}
        return tuple(_stand(source.id, last.get(source.id), connection) for source in sources if source.enabled)


def _stand(source: str, pull: Any, connection: sa.Connection) -> SourceStands:
    told = "；".join(_find_problems(source, pull))
    faults = ledger.faults_of(connection, source, pull.pull_id) if pull else []
    return SourceStands(source=source, problem=told, faults=tuple(faults))


def _find_problems(source: str, pull: Any) -> Iterator[str]:
    retry = f"排除后执行 vbp pull {source}，再重新运行"
    if pull is None:
        yield f"来源 {source} 还没有拉取过，其数据本次没有读到；请执行 vbp pull {source}"
    elif pull.status in ("running", "broken"):
        yield f"来源 {source} 的拉取（{pull.started_at[:19]} 开始）没有做完，其余数据本次没有读到；{retry}"
    elif pull.status == "failed":
        yield f"来源 {source} 拉取失败，其新数据本次没有读到或不全：{pull.error}；{retry}"
    elif datetime.now(SHANGHAI) - datetime.fromisoformat(pull.finished_at) > _OLD:
        yield f"来源 {source} 自 {pull.finished_at[:19]} 起没有再拉取，其后的数据本次没有读到；请核对 DAG 的 pull 任务或定时任务"
