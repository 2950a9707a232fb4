"""The archive: files as they were sent, each named by its SHA-256."""

from __future__ import annotations

from contextlib import suppress

import sqlalchemy as sa

from pipelines.database.tables import METADATA
from pipelines.errors import VbpError
from pipelines.lake.batches import committed
from pipelines.past.replay import archived_of, check_archive
from pipelines.store import keys
from pipelines.store.dossier import read_dossier
from pipelines.store.runs import objects_of, runs_of
from pipelines.store.store import Store
from pipelines.verify.report import Report


def check_all_archived(connection: sa.Connection, home: Store, since: int, report: Report) -> None:
    """Report files that are gone or have other content (of batches after `since`; those before are another's to check),
    and files that no run has taken in.
    """
    report.faults += check_archive(home, since=since)
    taken = {(f["dataset"], f["sha256"]): f["path"] for b in committed(home) for f in b.files}
    checked = {archived_of(home, f).key for b in committed(home) for f in b.files}
    t = METADATA.tables["source_files"]
    for row in connection.execute(sa.select(t.c.dataset, t.c.sha256, t.c.path).distinct()):
        taken.setdefault((row.dataset, row.sha256), row.path)
    for run_id in runs_of(home):  # of runs that failed, too
        with suppress(VbpError):
            files = read_dossier(objects_of(home, run_id)).files
            taken |= {(f.dataset, f.sha256): f.path for f in files if f.status == "new"}
    for name in home.list(keys.ARCHIVE):
        _, dataset, *_, file = name.split("/")
        key = (dataset, file.partition(".")[0])
        if key not in taken:
            report.faults.append(f"存档中多出文件：{name} 没有任何运行接收过")
        elif name not in checked and home.digest(name) != key[1]:
            report.faults.append(f"存档文件被改动：{taken[key]}（{name} 的内容与其 SHA-256 不符）")
