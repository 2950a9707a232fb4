"""The facts of the run behind a bulletin, by which every figure can be followed and verified."""

from __future__ import annotations

import json
import re

import sqlalchemy as sa

from pipelines.database.seals import head_of
from pipelines.database.tables import METADATA
from pipelines.reports.bulletin.listing import Cell, Head, Listing, list_rows
from pipelines.reports.bulletin.subject import Subject
from schemas.records import RECORDS
from schemas.reports import REPORTS

_FACTS = (
    "run_id",
    "started_at",
    "finished_at",
    "code_version",
    "policy_digest",
    "input_digest",
    "result_digest",
    "previous_hash",
    "row_hash",
    "rows_read",
    "rows_accepted",
    "rows_rejected",
    "released_by",
)
_FILES = METADATA.tables["source_files"]


def tell_run(connection: sa.Connection, subject: Subject) -> list[Listing]:
    """The run, and what it read by dataset."""
    return [_list_facts(subject, head_of(connection, subject.run.run_id)), _list_inputs(connection, subject)]


def _list_facts(subject: Subject, head: str) -> Listing:
    heads = (Head("项目", "item", "text"), Head("内容", "content", "text"))
    frozen = "季度通报，数字已冻结，此后的变动只登记为修订" if subject.is_frozen else "情况通报，数字未冻结"
    rows: list[list[Cell]] = [
        ["通报类别", frozen],
        ["统计截止日", subject.as_of.isoformat()],
        ["范围", "、".join(subject.scope) if subject.scope else "全部统筹区"],
        ["上次季度通报", subject.previous.isoformat() if subject.previous else "无"],
    ]
    table = REPORTS["runs"]
    rows += [[table.column(name).title_zh, _write(subject.ledger[name])] for name in _FACTS]
    versions = json.loads(subject.ledger["lake_versions"])
    rows.append([table.column("lake_versions").title_zh, "，".join(f"{k} {v}" for k, v in versions.items())])
    rows.append(["封存链头", head or f"{subject.ledger['row_hash']}（封存之前的台账行哈希）"])
    note = re.sub(r"；?原行哈希 [0-9a-f]{64}", "", subject.ledger["note"] or "")
    rows.append([table.column("note").title_zh, note or "无"])
    told = f"vbp verify {subject.run.run_id} --head 封存链头：用存档输入重算，并核对自本次发布以来没有任何封存被改写"
    return list_rows(
        "run",
        "运行信息",
        "Run",
        heads,
        rows,
        (told, "The same command rebuilds the run, compares digests and holds the chain of seals to the head printed here"),
    )


def _write(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value or "无")


def _list_inputs(connection: sa.Connection, subject: Subject) -> Listing:
    counts = ("rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    added = (sa.cast(sa.func.sum(_FILES.c[name]), sa.BigInteger) for name in counts)
    accepted = sa.func.sum(sa.case((_FILES.c.status == "accepted", 1), else_=0))
    query = sa.select(_FILES.c.dataset, accepted, *added).where(_FILES.c.run_id == subject.run.run_id)
    found = {str(row[0]): [int(n) for n in row[1:]] for row in connection.execute(query.group_by(_FILES.c.dataset))}
    rows: list[list[Cell]] = [[name, RECORDS[name].title if name in RECORDS else name, *found[name]] for name in sorted(found)]
    rows.append(["", "合计", *(sum(column) for column in zip(*found.values(), strict=True))])
    heads = (
        Head("数据集", "dataset", "text"),
        Head("数据集名称", "dataset name", "text"),
        Head("文件", "files", "count"),
        *(Head(REPORTS["source_files"].column(name).title_zh, name.replace("_", " "), "count") for name in counts),
    )
    note = ("自上次发布以来接收的文件", "Files taken in since the last publication")
    return list_rows("inputs", "接收的数据", "Taken in", heads, rows, note)
