"""The gates `reject_all.<dataset>`, `reject_rate.<dataset>` and `reject_rule.<dataset>:<code>:<column>`: rows rejected this
night.
"""

from fractions import Fraction

import sqlalchemy as sa

from pipelines.audit.expectations import Check, quote
from pipelines.audit.gates.limits import AuditLimits, Waived, write_share
from pipelines.database.tables import staging_of

_FILES, _CHECKS = staging_of("source_files"), staging_of("check_results")


def limit_rejects(connection: sa.Connection, limits: AuditLimits) -> list[Check | Waived]:
    """Passes when of a dataset's rows at most `reject_rate` are rejected, at most `rule_reject_rate` by one rule, and not
    every single one: a file that was read wrongly is small as often as large.

    The rates are skipped when fewer than `reject_rate_min_rows` rows of the dataset were read, the last is with fewer
    than `reject_all_min_rows`.
    """
    counts = (_FILES.c.rows_read, _FILES.c.rows_rejected)
    by_dataset = sa.select(_FILES.c.dataset, *map(sa.func.sum, counts)).group_by(_FILES.c.dataset)
    gates: list[Check | Waived] = []
    for dataset, read, refused in connection.execute(by_dataset.order_by(_FILES.c.dataset)):
        rows, rejected = int(read or 0), int(refused or 0)
        gates.append(_accept_some(dataset, rows, limits.reject_all_min_rows))
        if rows < limits.reject_rate_min_rows:
            message_zh = f"本次读取 {rows} 行，不足 {limits.reject_rate_min_rows} 行，不计算拒收率"
            gates += [Waived(f"{name}.{dataset}", dataset, message_zh) for name in ("reject_rate", "reject_rule")]
        else:
            gates.append(_limit_dataset(dataset, rows, rejected, limits.reject_rate))
            gates += _limit_rules(connection, dataset, rows, rejected, limits.rule_reject_rate)
    return gates


def _accept_some(dataset: str, rows: int, least: int) -> Check | Waived:
    gate_id = f"reject_all.{dataset}"
    if rows < least:
        return Waived(gate_id, dataset, f"本次读取 {rows} 行，不足 {least} 行，不判断是否全部拒收")
    of_dataset = f"WHERE dataset = {quote(dataset)}"
    failing = (
        "SELECT dataset, SUM(rows_read) AS rows_read, SUM(rows_rejected) AS rows_rejected"
        f" FROM staging_source_files {of_dataset} GROUP BY dataset"
        " HAVING SUM(rows_accepted) = 0 AND SUM(rows_rejected) > 0"
    )
    message_zh = (
        f"本次读取的 {rows} 行没有一行被接收，多半是整个文件读错或导出格式变了；请查看拒收记录"
        f"（vbp rejects list --dataset {dataset}），由报送单位改正后重报"
    )
    return Check(gate_id, dataset, "source_files", failing, message_zh, "SELECT 1")


def _limit_dataset(dataset: str, rows: int, rejected: int, limit: Fraction) -> Check:
    of_dataset = f"WHERE dataset = {quote(dataset)}"
    failing = (
        "SELECT dataset, SUM(rows_rejected) AS rows_rejected, SUM(rows_read) AS rows_read"
        f" FROM staging_source_files {of_dataset} GROUP BY dataset"
        f" HAVING SUM(rows_rejected) * {limit.denominator} > SUM(rows_read) * {limit.numerator}"
    )
    message_zh = (
        f"拒收率 {_write_found(rejected, rows)}，超过上限 {write_share(limit)}，"
        f"请查看拒收记录（vbp rejects list --dataset {dataset}），由报送单位改正后重报"
    )
    applied = f"SELECT COUNT(DISTINCT dataset) FROM staging_source_files {of_dataset}"
    return Check(f"reject_rate.{dataset}", dataset, "source_files", failing, message_zh, applied)


def _limit_rules(connection: sa.Connection, dataset: str, rows: int, rejected: int, limit: Fraction) -> list[Check]:
    of_rules = sa.select(_CHECKS.c.check_id, _CHECKS.c.failed)
    of_rules = of_rules.where(_CHECKS.c.check_id.startswith(f"rule:{dataset}:", autoescape=True))
    return [
        _limit_rule(dataset, rule_id, rows, min(int(failed or 0), rejected), limit)
        for rule_id, failed in connection.execute(of_rules.order_by(_CHECKS.c.check_id))
    ]


def _limit_rule(dataset: str, rule_id: str, rows: int, rejected: int, limit: Fraction) -> Check:
    # A rule also counts rows of earlier nights that were tried again: it cannot have rejected more of this
    # night's rows than were rejected.
    found = "CASE WHEN c.failed < f.rows_rejected THEN c.failed ELSE f.rows_rejected END"
    failing = (
        f"SELECT c.check_id AS rule, {found} AS rows_rejected, f.rows_read FROM staging_check_results AS c,"
        " (SELECT SUM(rows_rejected) AS rows_rejected, SUM(rows_read) AS rows_read"
        f" FROM staging_source_files WHERE dataset = {quote(dataset)}) AS f"
        f" WHERE c.check_id = {quote(rule_id)}"
        f" AND {found} * {limit.denominator} > f.rows_read * {limit.numerator}"
    )
    code = rule_id.split(":")[2]
    message_zh = (
        f"规则 {code} 拒收 {_write_found(rejected, rows)}，超过单项规则上限 {write_share(limit)}，"
        f"请查看拒收记录（vbp rejects list --dataset {dataset} --reason {code}），由报送单位改正后重报"
    )
    applied = f"SELECT COUNT(*) FROM staging_check_results WHERE check_id = {quote(rule_id)}"
    gate_id = f"reject_rule.{rule_id.removeprefix('rule:')}"
    return Check(gate_id, dataset, "check_results", failing, message_zh, applied)


def _write_found(rejected: int, rows: int) -> str:
    return f"{write_share(Fraction(rejected, rows))}（{rejected}/{rows} 行）"
