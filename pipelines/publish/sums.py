"""What must add up in the staged rows: parts to wholes, roll-ups to totals, summaries to their lines."""

from collections.abc import Iterator

from pipelines.publish.expectations import Check, check_rows, count_rows, quote
from schemas.reports import REPORTS
from schemas.reports.two_invoice_line import COMPLIANT, EXEMPT, UNVERIFIABLE, VIOLATION


def expect_sums() -> list[Check]:
    """Return the checks that the parts of a row, and the rows of a table, add up."""
    return [*_expect_parts(), _expect_same_total(), _expect_rollup(), _expect_line_sums()]


def _expect_parts() -> Iterator[Check]:
    yield check_rows(
        "agreed_volume_completion",
        "net",
        # Doubles: equal to one part in a thousand million of what was added.
        "ABS(net_quantity - (received_quantity - returned_quantity))"
        " > 1e-9 * (ABS(net_quantity) + ABS(received_quantity) + ABS(returned_quantity))",
        "净采购量不等于验收数量减退货数量",
        shown="net_quantity, received_quantity, returned_quantity",
    )
    for name, check, whole, parts, message_zh in _PARTS:
        condition = f"{whole} <> {' + '.join(parts)}"
        yield check_rows(name, check, condition, message_zh, shown=", ".join((whole, *parts)))


_PARTS: tuple[tuple[str, str, str, tuple[str, ...], str], ...] = (
    (
        "payment_timeliness",
        "matured",
        "matured_fen",
        ("on_time_fen", "late_paid_fen", "overdue_fen"),
        "已到期金额不等于按时支付、逾期后支付与逾期未付之和",
    ),
    (
        "payment_timeliness",
        "ageing",
        "overdue_fen",
        (
            "overdue_0_30_fen",
            "overdue_31_60_fen",
            "overdue_61_90_fen",
            "overdue_91_180_fen",
            "overdue_over_180_fen",
        ),
        "逾期未付金额不等于各账龄段之和",
    ),
    (
        "payment_timeliness",
        "paid",
        "paid_fen",
        ("paid_within_30_fen", "paid_31_60_fen", "paid_over_60_fen"),
        "已支付金额不等于各时段支付之和",
    ),
    (
        "two_invoice_compliance",
        "scope_amount",
        "scope_fen",
        ("compliant_fen", "violation_fen", "unverifiable_fen"),
        "纳入范围金额不等于合规、违规与无法核实之和",
    ),
    (
        "two_invoice_compliance",
        "scope_count",
        "scope_count",
        ("compliant_count", "violation_count", "unverifiable_count"),
        "纳入范围行数不等于合规、违规与无法核实之和",
    ),
    (
        "source_files",
        "rows",
        "rows_read",
        ("rows_accepted", "rows_rejected", "rows_duplicate"),
        "读取行数不等于接收、拒收与重复行数之和",
    ),
)


def _expect_same_total() -> Check:
    pair = "institution_code, distributor_code"
    rules = len(REPORTS["payment_timeliness"].column("due_rule").values)
    failing = (
        f"SELECT {pair}, COUNT(*) AS due_rules, MIN(total_fen) AS least_fen, MAX(total_fen) AS most_fen FROM"
        f" (SELECT due_rule, {pair}, SUM(matured_fen + not_due_fen) AS total_fen FROM {{batch}}"
        f" GROUP BY due_rule, {pair}) AS totals"
        f" GROUP BY {pair} HAVING COUNT(*) <> {rules} OR MIN(total_fen) <> MAX(total_fen)"
    )
    applied = f"SELECT COUNT(*) FROM (SELECT DISTINCT {pair} FROM staging_payment_timeliness) AS pairs"
    name = "payment_timeliness"
    return Check(
        f"{name}.same_total",
        name,
        name,
        failing,
        applied,
        "同一机构与配送企业在四种到期规则下的应付总额不一致",
    )


def _expect_rollup() -> Check:
    name = "agreed_volume_rollup"
    sums = {
        column: f"SUM(CASE level WHEN 'all' THEN 1 ELSE -1 END * COALESCE({column}, 0))"
        for column in ("commitments", "completed", "agreed_fen", "net_fen", "capped_fen")
    }
    differences = ", ".join(f"{sql} AS {column}_difference" for column, sql in sums.items())
    differs = " OR ".join(f"{sql} <> 0" for sql in sums.values())
    failing = (
        f"SELECT phase, duty, {differences} FROM {{batch}} WHERE level IN ('all', 'institution')"
        f" GROUP BY phase, duty HAVING {differs}"
    )
    applied = f"SELECT COUNT(*) FROM (SELECT DISTINCT phase, duty FROM staging_{name}) AS totals"
    return Check(f"{name}.all", name, name, failing, applied, "合计行不等于各医疗机构之和")


def _expect_line_sums() -> Check:
    name = "two_invoice_compliance"
    groups = {
        "scope": COMPLIANT + VIOLATION + UNVERIFIABLE,
        "compliant": COMPLIANT,
        "violation": VIOLATION,
        "unverifiable": UNVERIFIABLE,
        "exempt": EXEMPT,
    }
    columns: dict[str, str] = {}
    for group, verdicts in groups.items():
        listed = ", ".join(quote(verdict) for verdict in verdicts)
        columns[f"{group}_fen"] = f"CASE WHEN verdict IN ({listed}) THEN -net_fen ELSE 0 END AS {group}_fen"
        columns[f"{group}_count"] = f"CASE WHEN verdict IN ({listed}) THEN -1 ELSE 0 END AS {group}_count"
    differences = ", ".join(f"SUM({column}) AS {column}_difference" for column in columns)
    differs = " OR ".join(f"SUM({column}) <> 0" for column in columns)
    failing = (
        f"SELECT institution_code, month, {differences} FROM"
        f" (SELECT institution_code, month, {', '.join(columns)} FROM {{batch}} UNION ALL"
        " SELECT institution_code, substr(CAST(issued_on AS TEXT), 1, 7) AS month,"
        f" {', '.join(columns.values())} FROM staging_two_invoice_line) AS signed"
        f" GROUP BY institution_code, month HAVING {differs}"
    )
    return Check(
        f"{name}.lines",
        name,
        name,
        failing,
        count_rows(name),
        "汇总与发票行判定之和不一致(差额 = 汇总 − 明细)",
    )
