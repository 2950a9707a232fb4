"""Gates that compare a staged run with the past and with its own input: institutions lost, rows rejected."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa

from pipelines.publish.expectations import Check, quote
from pipelines.publish.stage import previous_published

# Tables in which an institution stays once it is there. Cash and findings come and go.
_LASTING = {
    "agreed_volume_completion": "institution_code",
    "agreed_volume_rollup": "CASE level WHEN 'institution' THEN code END",
    "payment_timeliness": "institution_code",
    "two_invoice_compliance": "institution_code",
    "two_invoice_line": "institution_code",
}


@dataclass(frozen=True)
class AuditLimits:
    """Limits of the gates: the share of rows rejected per dataset, inclusive, from so many rows read on."""

    reject_rate: float = 0.30
    reject_rate_min_rows: int = 1000


@dataclass(frozen=True)
class Waived:
    """A gate that does not apply this night, and why."""

    check_id: str
    scope: str
    message_zh: str


def gate(connection: sa.Connection, as_of: dt.date, limits: AuditLimits) -> list[Check | Waived]:
    """Return the gates of this night, those that do not apply as `Waived`.

    No institution may be missing from a figure table that was in it at the previous published date; of
    each dataset's rows at most `limits.reject_rate` may be rejected.
    """
    previous = previous_published(connection, as_of)
    kept = [_keep_institutions(name, previous) for name in _LASTING]
    read = connection.execute(
        sa.text("SELECT dataset, SUM(rows_read) FROM staging_source_files GROUP BY dataset ORDER BY dataset")
    )
    return kept + [_limit_rejects(dataset, int(rows or 0), limits) for dataset, rows in read]


def _keep_institutions(name: str, previous: dt.date | None) -> Check | Waived:
    check_id = f"{name}.institutions_kept"
    if previous is None:
        return Waived(check_id, name, "此前没有已发布的日期，无从比较")
    code = _LASTING[name]
    before = f"SELECT {code} AS institution_code FROM {name} WHERE as_of = '{previous}'"
    failing = (
        "SELECT institution_code FROM"
        f" ({before} EXCEPT SELECT {code} AS institution_code FROM {{batch}}) AS lost"
        " WHERE institution_code IS NOT NULL"
    )
    applied = f"SELECT COUNT(DISTINCT institution_code) FROM ({before}) AS earlier"
    return Check(check_id, name, name, failing, applied, f"{previous} 有数据的医疗机构本次缺失")


def _limit_rejects(dataset: str, rows: int, limits: AuditLimits) -> Check | Waived:
    check_id = f"reject_rate.{dataset}"
    if rows < limits.reject_rate_min_rows:
        message_zh = f"本次读取 {rows} 行，不足 {limits.reject_rate_min_rows} 行，不计算拒收率"
        return Waived(check_id, dataset, message_zh)
    limit = Fraction(str(limits.reject_rate))
    of_dataset = f"WHERE dataset = {quote(dataset)}"
    failing = (
        "SELECT dataset, SUM(rows_rejected) AS rows_rejected, SUM(rows_read) AS rows_read"
        f" FROM {{batch}} {of_dataset} GROUP BY dataset"
        f" HAVING SUM(rows_rejected) * {limit.denominator} > SUM(rows_read) * {limit.numerator}"
    )
    message_zh = f"拒收率超过上限 {limits.reject_rate:.0%}，请查看拒收记录"
    applied = f"SELECT COUNT(DISTINCT dataset) FROM staging_source_files {of_dataset}"
    return Check(check_id, dataset, "source_files", failing, applied, message_zh)
