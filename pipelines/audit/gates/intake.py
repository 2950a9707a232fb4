"""The gates `intake.ever` and `intake.waiting`: a night that had nothing to look at is no result."""

import sqlalchemy as sa

from pipelines.audit.expectations import Check
from pipelines.database.ledger import first_with_records

_TAKEN_IN = "SELECT 1 FROM staging_source_files WHERE status = 'accepted'"


def expect_intake(connection: sa.Connection) -> list[Check]:
    """Passes when a record was accepted this night or in any published run before; and, where files wait, when another
    file was taken in.
    """
    known = first_with_records(connection) is not None
    accepted = "SELECT 1 FROM staging_source_files WHERE rows_accepted > 0"
    nothing = f"SELECT run_id, as_of FROM staging_run WHERE {int(known)} = 0 AND NOT EXISTS ({accepted})"
    waiting = f"SELECT path FROM staging_source_files WHERE status = 'waiting' AND NOT EXISTS ({_TAKEN_IN})"
    return [
        Check(
            "intake.ever",
            "landing",
            "source_files",
            nothing,
            "至今没有接收过任何记录，全部数字都会是空白；请核对数据目录（--landing 或 VBP_LANDING）是否放对、是否已放入文件，"
            "文件是否被拒收或仍在传输，放好后重新运行；确要发布空白数字的，核实后放行",
            "SELECT 1",
        ),
        Check(
            "intake.waiting",
            "landing",
            "source_files",
            waiting,
            "有文件留待下次（尚在传输，或放入不足 VBP_SETTLE_SECONDS 秒），而本次没有接收任何文件；"
            "请等文件传完后重新运行，残留的 *.part、~$* 文件请删除；确不必等的，核实后放行",
            "SELECT COUNT(*) FROM staging_source_files WHERE status = 'waiting'",
        ),
    ]
