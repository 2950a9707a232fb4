"""From a line of a file that was sent to what became of it, and to every figure it is part of or left out of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.database.open import at_one_moment
from pipelines.database.tables import METADATA
from pipelines.engine.explanation import Record
from pipelines.errors import UsageError
from pipelines.indicators import all_indicators
from pipelines.past.past_run import PastRun, find_run
from pipelines.reports.explain.contributions import Contribution, contributions
from pipelines.reports.explain.fate import find_fate, find_file
from pipelines.reports.explain.figure import find_subject
from pipelines.reports.explain.sources import SentFile, read_line
from pipelines.store.store import Store
from pipelines.store.uploads import uploads_of
from schemas.declared import RULES

_FINDINGS = METADATA.tables["findings"]
_MASTER = {
    "institutions": "机构主数据：决定该机构全部数字的统筹区、性质（公立或自愿）与总院关系，本身不含数量金额",
    "enterprises": "企业主数据：说明企业属于哪个集团，本身不含数量金额",
}


@dataclass(frozen=True)
class LineExplained:
    """What became of a source line: `state` (accepted, replaced, rejected, duplicate, no_data) with its reasons, what
    stood there, and the figures; `finding_ids` are the open findings on figures that it is part of.
    """

    run_id: str
    as_of: date
    file: SentFile
    sheet: str
    line: int
    cells: Mapping[str, str]
    state: str
    reasons: Sequence[str]
    contributions: Sequence[Contribution]
    finding_ids: Sequence[str]
    notes: Sequence[str]


def explain_line(
    engine: sa.Engine,
    home: Store,
    overlay: Path | None,
    path: str,
    line: int,
    *,
    sheet: str | None = None,
    run_id: str = "",
    as_of: date | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> LineExplained:
    """Explain line `line` (1-based, as the file numbers it) of the file sent as `path`, relative to the landing zone.

    UsageError where no such file was taken in by then, where the file has no such line, or where several sheets have
    it and none is named. `say` is told (Chinese) which figures are being looked through.
    """
    with at_one_moment(engine) as connection:
        run = find_run(connection, home, overlay, run_id=run_id, as_of=as_of)
        file, remark = find_file(run, path)
        at = read_line(home, file, sheet, line)
        if len(at) > 1:
            raise UsageError(f"{path} 的 {len(at)} 个工作表都有第 {line} 行；请用 --sheet 指明：{'、'.join(s for s, _ in at)}")
        if not at:
            raise UsageError(f"{path} 没有第 {line} 行数据（空行、表头或超出文件末尾）")
        name, cells = at[0]
        record, state, reasons = find_fate(run, file, name, line)
        found: list[Contribution] = []
        readers = [i.title_zh for i in all_indicators().values() if file.dataset in i.reads]
        if state == "accepted" and record is not None and readers:
            met = contributions(run, file.dataset, record, say)
            if met is None:
                state, reasons = ("replaced", ["所引用的医疗机构、产品、批次、协议或收货已被撤回，本行随之失效"])
            found = met or []
        findings = _find_findings(connection, run, record or {}, found) if run.stands else []
    notes = [*run.remarks, *([remark] if remark else []), *_tell_uploads(home, file)]
    if not readers:
        notes.append(f"数据集 {file.dataset} 目前没有结果表使用")
    if state == "accepted" and file.dataset in _MASTER:
        notes.append(f"{_MASTER[file.dataset]}；据以计算的指标：{'、'.join(readers)}")
    return LineExplained(run.run_id, run.as_of, file, name, line, cells, state, reasons, found, findings, notes)


def _tell_uploads(home: Store, file: SentFile) -> Iterator[str]:
    """Who sent this content through the browser, if anybody did; other ways into the landing zone leave no name."""
    for upload in uploads_of(home, file.dataset, file.sha256):
        yield f"{upload.path} 由 {upload.by} 于 {upload.at[:19].replace('T', ' ')} 上传，原名“{upload.name}”"


def _find_findings(connection: sa.Connection, run: PastRun, record: Record, found: Sequence[Contribution]) -> list[str]:
    """The open findings of the date that rest on a figure the line is part of; of those whose subject is less than a row of the
    table, that speak of the record.
    """
    counted: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for contribution in (c for c in found if c.counts):
        counted[contribution.table].append({**record, **contribution.key})
    query = sa.select(_FINDINGS).where(_FINDINGS.c.as_of == run.as_of, _FINDINGS.c.state == "open")
    rules = [rule.code for rule in RULES.values() if rule.table in counted]
    ids = []
    known = cache(lambda table, columns: {tuple(str(row[c]) for c in columns) for row in counted[table]})
    for row in connection.execute(query.where(_FINDINGS.c.rule_code.in_(rules))).mappings():
        explained, named = find_subject(dict(row))
        if not (rows := counted[explained.table]):
            continue
        columns = tuple(c for c in named if c in rows[0])  # all of a table have the same
        if tuple(named[c] for c in columns) in known(explained.table, columns):
            ids.append(str(row["finding_id"]))
    return sorted(ids)
