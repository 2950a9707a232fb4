"""The files of a home against what seals say of them: lake, logs, batches, decisions, uploads, snapshots, runs, bulletins."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa

from pipelines.database.seals import Seal
from pipelines.database.tables import METADATA
from pipelines.lake.batches import committed
from pipelines.publish.sealed_files import ENDS, TOLD_BY_PEOPLE, is_intact, may_be_gone, read_lists
from pipelines.store import keys
from pipelines.store.store import Store
from pipelines.verify.records import check_records
from pipelines.verify.report import Report

_MUST_STAY = ("lake/", "batches/", *(f"{prefix}/" for prefix in TOLD_BY_PEOPLE))
_MUST_STAY_OF_A_RUN = (
    *(keys.DOSSIER, keys.EARLIER_DOSSIER, "facts.json", "tallies.json"),
    *(keys.POLICIES, keys.EARLIER_POLICIES, "ledger"),
)


def check_files(connection: sa.Connection, home: Store, seals: Sequence[Seal], report: Report) -> None:
    """Report files that are not what they were when a run was sealed; what may be removed is only told when changed."""
    ends = [made for made in seals if made.act in ENDS]
    for made in ends:
        for path, digest in json.loads(made.content)["digests"].get("files", {}).items():
            if not is_intact(home.at(path), digest) and not may_be_gone(home, path):
                report.faults.append(f"运行 {made.subject} 封存的文件清单 {path} 缺失或被改动")
    files: dict[str, str] = {}
    for found in read_lists(home, ends):
        files = {p: d for p, d in files.items() if not p.startswith("records/")} | found
    records = {p: d for p, d in files.items() if p.startswith("records/")}
    for path, digest in files.items():
        if path in records:
            continue
        if not home.has(path):
            if _must_stay(path):
                report.faults.append(f"文件缺失：{path}（封存时存在）")
        elif home.digest(path) != digest:
            report.faults.append(f"文件被改动：{path} 的内容与封存时的 SHA-256 不符")
    _check_extra(home, files, report)
    check_records(home, records, report)
    _check_bulletins(connection, home, seals, report)
    last = max((int(p.split("/")[1]) for p in files if p.startswith("batches/")), default=0)
    later = [f"数据湖第 {b.number} 批" for b in committed(home) if b.number > last]
    later += [key for prefix in TOLD_BY_PEOPLE for key in home.list(prefix) if files and key not in files]
    if later:
        report.notes.append(f"{'、'.join(later)} 在最近一次运行之后写入，尚未封存，由下一次运行封存；请确认是本单位所为")


def _must_stay(path: str) -> bool:
    parts = path.split("/")
    return path.startswith(_MUST_STAY) or (parts[0] == "runs" and parts[2] in _MUST_STAY_OF_A_RUN)


def _check_extra(home: Store, files: dict[str, str], report: Report) -> None:
    """Files slipped in where a folder is read as a whole: records, sums and totals of runs, a sealed batch."""
    parts = [path.split("/") for path in files]
    sealed = {"/".join(p[:3]) for p in parts if p[0] == "runs" and p[2] in ("records", "sums", "totals")}
    sealed |= {"/".join(p[:2]) for p in parts if p[0] == "batches"}
    for folder in sorted(sealed):
        for key in home.list(folder):
            if key not in files:
                report.faults.append(f"多出文件：{key} 不在封存的文件清单中")


def _check_bulletins(connection: sa.Connection, home: Store, seals: Sequence[Seal], report: Report) -> None:
    """Workbooks, pages and prints of bulletins below the home."""
    files: dict[str, str] = {}
    for made in seals:
        if made.act == "bulletin":
            files |= json.loads(made.content)["digests"].get("files", {})
    for path, digest in files.items():
        if not home.has(path):
            report.notes.append(f"通报文件 {path} 已不在；可用 vbp bulletin 重新制作")
        elif home.digest(path) != digest:
            report.faults.append(f"通报文件被改动：{path} 的内容与制作时的 SHA-256 不符")
    t = METADATA.tables["bulletins"]
    entered: dict[tuple[str, str], set[str]] = {}
    for row in connection.execute(sa.select(t.c.as_of, t.c.scope, t.c.workbook_digest)):
        entered.setdefault((row.as_of.isoformat(), row.scope), set()).add(row.workbook_digest)
    for (as_of, scope), digests in sorted(entered.items()):
        folder = "_".join((as_of, *filter(None, scope.split(","))))
        name = f"{keys.SITE}/bulletin/{folder}/bulletin-{as_of}.xlsx"
        if name not in files and home.has(name) and home.digest(name) not in digests:
            report.faults.append(f"通报工作簿 {name} 的 SHA-256 不在 bulletins 登记的摘要之中：文件或登记被改动")
