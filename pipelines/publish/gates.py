"""Gates that compare a staged run with the past and with its own input: institutions lost, rows rejected."""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

import sqlalchemy as sa

from pipelines.publish.expectations import Check, leaving, quote, stands
from pipelines.publish.standing import Publication, published_before

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


def gate(
    connection: sa.Connection, as_of: dt.date, base: Publication | None, limits: AuditLimits
) -> list[Check | Waived]:
    """Return the gates of this night, those that do not apply as `Waived`.

    No institution may be missing from a figure table that was in it at the previous published date; of
    each dataset's rows at most `limits.reject_rate` may be rejected.
    """
    previous = published_before(connection, as_of)
    kept = [_keep_institutions(connection, name, previous, base) for name in _LASTING]
    read = connection.execute(
        sa.text("SELECT dataset, SUM(rows_read) FROM staging_source_files GROUP BY dataset ORDER BY dataset")
    )
    return kept + [_limit_rejects(dataset, int(rows or 0), limits) for dataset, rows in read]


def _keep_institutions(
    connection: sa.Connection, name: str, previous: dt.date | None, base: Publication | None
) -> Check | Waived:
    check_id = f"{name}.institutions_kept"
    if previous is None or base is None:
        return Waived(check_id, name, "此前没有已发布的日期，无从比较")
    code = _LASTING[name]
    staged = f"SELECT {code} AS institution_code FROM staging_{name}"
    if base.as_of == previous:  # an institution can be lost only where one of its rows leaves
        before = leaving(name, f"{_of_version(code)} AS institution_code", base)
    else:  # a date published again: what it showed may itself differ from the date before
        before = f"SELECT {_of_version(code)} AS institution_code FROM {name}_versions AS v WHERE {stands(previous)}"
    suspect = (
        f"SELECT institution_code FROM ({before} EXCEPT {staged}) AS s WHERE institution_code IS NOT NULL"
    )
    # Who else still has rows is looked up only when there is someone to look for: that reads the whole table.
    lost = suspect
    if connection.execute(sa.text(f"SELECT COUNT(*) FROM ({suspect}) AS suspects")).scalar_one():
        lost = f"{suspect} EXCEPT SELECT institution_code FROM ({_stay(name, code, base)}) AS stay"
    applied = f"SELECT COUNT(DISTINCT institution_code) FROM ({before}) AS earlier"
    message_zh = f"{previous} 有数据的医疗机构本次缺失"
    return Check(check_id, name, name, lost, message_zh, applied)


def _of_version(code: str) -> str:
    return f"v.{code}" if " " not in code else code.replace("level", "v.level").replace("code", "v.code")


def _stay(name: str, code: str, base: Publication) -> str:
    """SELECT of institution_code of the rows that stand and do not leave, by counting the ones and the others."""
    of_version = _of_version(code)
    return (
        f"SELECT institution_code FROM (SELECT {of_version} AS institution_code, 1 AS sign"
        f" FROM {name}_versions AS v WHERE {stands(base.as_of)}"
        f" UNION ALL {leaving(name, f'{of_version} AS institution_code, -1 AS sign', base)}) AS rest"
        " GROUP BY institution_code HAVING SUM(sign) > 0"
    )


def _limit_rejects(dataset: str, rows: int, limits: AuditLimits) -> Check | Waived:
    check_id = f"reject_rate.{dataset}"
    if rows < limits.reject_rate_min_rows:
        message_zh = f"本次读取 {rows} 行，不足 {limits.reject_rate_min_rows} 行，不计算拒收率"
        return Waived(check_id, dataset, message_zh)
    limit = Fraction(str(limits.reject_rate))
    of_dataset = f"WHERE dataset = {quote(dataset)}"
    failing = (
        "SELECT dataset, SUM(rows_rejected) AS rows_rejected, SUM(rows_read) AS rows_read"
        f" FROM staging_source_files {of_dataset} GROUP BY dataset"
        f" HAVING SUM(rows_rejected) * {limit.denominator} > SUM(rows_read) * {limit.numerator}"
    )
    message_zh = f"拒收率超过上限 {limits.reject_rate:.0%}，请查看拒收记录"
    applied = f"SELECT COUNT(DISTINCT dataset) FROM staging_source_files {of_dataset}"
    return Check(check_id, dataset, "source_files", failing, message_zh, applied)
