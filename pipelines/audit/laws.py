"""What must hold of every report row, and of all rows of a table: the laws that indicators declare, and those that follow
from what a table says of itself.
"""

from collections.abc import Iterator

from pipelines.audit.changed import Changed
from pipelines.audit.expectations import Check, check_rows
from schemas.declared import LAWS
from schemas.law import Law, adds_up, laws_of
from schemas.reports import REPORTS

_FILES = adds_up(
    "source_files", "rows", "rows_read", ("rows_accepted", "rows_rejected", "rows_duplicate"),
    "读取行数不等于接收、拒收与重复行数之和",
)  # fmt: skip


def expect_laws(changed: Changed) -> Iterator[Check]:
    """The checks that every law holds once the night is published."""
    for law in (*LAWS.values(), *(law for table in REPORTS.values() for law in laws_of(table)), _FILES):
        yield _expect(law, changed)


def _expect(law: Law, changed: Changed) -> Check:
    if law.failing is None:
        return check_rows(law.table, law.name, law.broken_by, law.message_zh, shown=", ".join(law.shown))
    applied = law.applied(changed) if law.applied else ""
    return Check(law.code, law.table, law.table, law.failing(changed), law.message_zh, applied)
