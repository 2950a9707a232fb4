"""What must add up: parts of a row to wholes, roll-ups to totals, summaries to their lines.

Sums over rows and tables are linear: they are taken over what comes less what leaves, and hold afterwards if
they held before.
"""

from collections.abc import Iterator

from pipelines.audit.expectations import Check, changing, check_rows, quote, stands
from pipelines.database.standing import Publication
from pipelines.indicators.two_invoice.declaration import COMPLIANT, EXEMPT, UNVERIFIABLE, VIOLATION
from schemas.declared import LAWS
from schemas.law import adds_up
from schemas.reports import REPORTS


def expect_sums(base: Publication | None) -> list[Check]:
    """Return the checks that the parts of a row, and the rows of a table, add up once `base` is changed."""
    totals = [
        _expect_same_total(base),
        _expect_all_rules(base),
        _expect_rollup(base),
        _expect_line_sums(base),
    ]
    return [*_expect_parts(), *totals]


def _expect_parts() -> Iterator[Check]:
    for law in (*LAWS.values(), _FILES):
        if law.broken_by:
            yield check_rows(law.table, law.name, law.broken_by, law.message_zh, shown=", ".join(law.shown))


_FILES = adds_up(
    "source_files", "rows", "rows_read", ("rows_accepted", "rows_rejected", "rows_duplicate"),
    "读取行数不等于接收、拒收与重复行数之和",
)  # fmt: skip

_PAIR = "institution_code, distributor_code"


def _expect_same_total(base: Publication | None) -> Check:
    name = "payment_timeliness"
    rules = REPORTS[name].column("due_rule").values
    totals = [
        f"SUM(CASE due_rule WHEN {quote(rule)} THEN sign * (matured_fen + not_due_fen) ELSE 0 END)"
        for rule in rules
    ]
    shown = ", ".join(f"{total} AS {rule}_fen" for total, rule in zip(totals, rules, strict=True))
    differs = " OR ".join(f"{total} <> {totals[0]}" for total in totals[1:])
    rows = changing(
        name, ("due_rule", "institution_code", "distributor_code", "matured_fen", "not_due_fen"), base
    )
    failing = f"SELECT {_PAIR}, {shown} FROM {rows} GROUP BY {_PAIR} HAVING {differs}"
    message_zh = "同一机构与配送企业在四种到期规则下的应付总额不一致"
    return Check(f"{name}.same_total", name, name, failing, message_zh, _count_pairs())


def _expect_all_rules(base: Publication | None) -> Check:
    """A pair that has rows under one rule has rows under each."""
    name = "payment_timeliness"
    rules = REPORTS[name].column("due_rule").values
    each = " UNION ALL ".join(f"SELECT {quote(rule)} AS due_rule" for rule in rules)
    missing = (
        f"SELECT due_rule, {_PAIR} FROM ({each}) AS rules, ({_touched_pairs()}) AS touched"
        f" EXCEPT SELECT due_rule, {_PAIR} FROM staging_{name}"
    )
    if base is not None:
        columns = ", ".join(f"v.{column}" for column in ("due_rule", "institution_code", "distributor_code"))
        rest = (
            f"SELECT {columns}, v.due_month FROM ({missing}) AS m, {name}_versions AS v"
            " WHERE v.due_rule = m.due_rule AND v.institution_code = m.institution_code"
            f" AND v.distributor_code = m.distributor_code AND {stands(base.as_of)}"
            f" EXCEPT SELECT due_rule, {_PAIR}, due_month FROM leaving_{name}"
        )
        missing = f"{missing} EXCEPT SELECT due_rule, {_PAIR} FROM ({rest}) AS rest"
    failing = (
        f"SELECT {_PAIR}, COUNT(*) AS missing_rules FROM ({missing}) AS missing"
        f" GROUP BY {_PAIR} HAVING COUNT(*) < {len(rules)}"
    )
    message_zh = "机构与配送企业并非在四种到期规则下都有数据"
    return Check(f"{name}.all_rules", name, name, failing, message_zh, _count_pairs())


def _touched_pairs() -> str:
    name = "payment_timeliness"
    return f"SELECT {_PAIR} FROM staging_{name} UNION SELECT {_PAIR} FROM leaving_{name}"


def _count_pairs() -> str:
    return f"SELECT COUNT(*) FROM ({_touched_pairs()}) AS pairs"


def _expect_rollup(base: Publication | None) -> Check:
    name = "agreed_volume_rollup"
    summed = ("commitments", "completed", "agreed_fen", "net_fen", "capped_fen")
    sums = {
        column: f"SUM(CASE level WHEN 'all' THEN sign ELSE -sign END * COALESCE({column}, 0))"
        for column in summed
    }
    differences = ", ".join(f"{sql} AS {column}_difference" for column, sql in sums.items())
    differs = " OR ".join(f"{sql} <> 0" for sql in sums.values())
    failing = (
        f"SELECT phase, duty, {differences} FROM {changing(name, ('level', 'phase', 'duty', *summed), base)}"
        f" WHERE level IN ('all', 'institution') GROUP BY phase, duty HAVING {differs}"
    )
    groups = f"SELECT phase, duty FROM staging_{name} UNION SELECT phase, duty FROM leaving_{name}"
    applied = f"SELECT COUNT(*) FROM ({groups}) AS totals"
    return Check(f"{name}.all", name, name, failing, "合计行不等于各医疗机构之和", applied)


def _expect_line_sums(base: Publication | None) -> Check:
    name, line = "two_invoice_compliance", "two_invoice_line"
    groups = {
        "scope": COMPLIANT | VIOLATION | UNVERIFIABLE,
        "compliant": COMPLIANT,
        "violation": VIOLATION,
        "unverifiable": UNVERIFIABLE,
        "exempt": EXEMPT,
    }
    whole: list[str] = []
    parts: list[str] = []
    for group, verdicts in groups.items():
        listed = ", ".join(quote(verdict) for verdict in verdicts)
        whole += [f"sign * {group}_fen AS {group}_fen", f"sign * {group}_count AS {group}_count"]
        parts += [f"CASE WHEN verdict IN ({listed}) THEN -{total} ELSE 0 END" for total in ("fen", "lines")]
    columns = [f"{group}_{unit}" for group in groups for unit in ("fen", "count")]
    differences = ", ".join(f"SUM({column}) AS {column}_difference" for column in columns)
    differs = " OR ".join(f"SUM({column}) <> 0" for column in columns)
    totals = changing(name, ("institution_code", "month", *columns), base)
    lines = changing(line, ("institution_code", "issued_on", "verdict", "net_fen"), base)
    # Summed by verdict first: ten columns are then told apart for a few rows and not for every line.
    by_verdict = "institution_code, substr(CAST(issued_on AS TEXT), 1, 7), verdict"
    failing = (
        f"SELECT institution_code, month, {differences} FROM"
        f" (SELECT institution_code, month, {', '.join(whole)} FROM {totals} UNION ALL"
        f" SELECT institution_code, month, {', '.join(parts)} FROM (SELECT institution_code,"
        " substr(CAST(issued_on AS TEXT), 1, 7) AS month, verdict, SUM(sign * net_fen) AS fen,"
        f" SUM(sign) AS lines FROM {lines} GROUP BY {by_verdict}) AS verdicts) AS signed"
        f" GROUP BY institution_code, month HAVING {differs}"
    )
    message_zh = "汇总与发票行判定之和不一致(差额 = 汇总 − 明细)"
    return Check(f"{name}.lines", name, name, failing, message_zh)
