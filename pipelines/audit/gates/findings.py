"""The gate `findings_jump.<rule>`: no rule suddenly has far more findings than at the previous published date."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable

import sqlalchemy as sa

from pipelines.audit.changed import Changed
from pipelines.audit.expectations import Check, quote
from pipelines.audit.gates.limits import AuditLimits, Waived
from pipelines.database.ledger import first_with_records
from pipelines.database.made import Made
from pipelines.database.standing import Publication, published_before
from pipelines.database.tables import METADATA, staging_of, valid_at, versions_of

MadeBy = Callable[[str], Made]
"""From the id of a run to what it made."""
_STAGED, _VERSIONS = staging_of("findings"), versions_of("findings")
_PUBLICATIONS, _RUNS = METADATA.tables["publications"], METADATA.tables["runs"]


def compare_findings(
    connection: sa.Connection, as_of: dt.date, base: Publication | None, limits: AuditLimits, made: MadeBy
) -> list[Check | Waived]:
    """Passes when a rule has at most `findings_factor` times its open findings, or fewer than `findings_min` more.

    Compared with the previous published date. Skipped with fewer than `history_runs` published dates before:
    while the first loads come in, everything is new. So it is with a rule that fewer dates were published with: `made` says
    what a run knew.
    """
    change = Changed(base).rows("findings", "rule_code", "state")
    changed = connection.execute(sa.text(f"SELECT rule_code, SUM(sign) FROM {change} WHERE state = 'open' GROUP BY rule_code"))
    growth = {rule: int(count) for rule, count in changed}
    earlier = _select_dates(connection, as_of)
    dates = len(earlier)
    previous = published_before(connection, as_of)
    if base is None or previous is None or dates < limits.history_runs:
        message_zh = f"此前只有 {dates} 个发布日，不足 {limits.history_runs} 个，不比较问题数量"
        return [Waived(f"findings_jump.{rule}", "findings", message_zh) for rule in sorted(growth)]
    of_base = _count_open(connection, base.as_of)
    before = of_base if base.as_of == previous else _count_open(connection, previous)
    with_it = _count_dates(earlier, before.keys() | of_base.keys() | growth.keys(), limits.history_runs, made)
    return [
        _compare(rule, before.get(rule, 0), of_base.get(rule, 0), growth.get(rule, 0), previous, change, limits)
        if known >= limits.history_runs
        else Waived(
            f"findings_jump.{rule}", "findings", f"此前只有 {known} 个发布日有这一规则，不足 {limits.history_runs} 个，不比较"
        )
        for rule, known in sorted(with_it.items())
    ]


def _select_dates(connection: sa.Connection, as_of: dt.date) -> list[str]:
    """The runs that stand for the dates before, the newest first, without those that no record had been accepted for."""
    query = (
        sa.select(_PUBLICATIONS.c.run_id)
        .join_from(_PUBLICATIONS, _RUNS, _RUNS.c.run_id == _PUBLICATIONS.c.run_id)
        .where(_PUBLICATIONS.c.as_of < as_of, _RUNS.c.finished_at >= (first_with_records(connection) or ""))
    )
    return list(connection.execute(query.order_by(_PUBLICATIONS.c.as_of.desc())).scalars())


def _count_dates(earlier: Iterable[str], rules: Collection[str], enough: int, made: MadeBy) -> dict[str, int]:
    """With each rule, how many dates before were published; no more are looked at than are enough for all."""
    found = dict.fromkeys(rules, 0)
    for run_id in earlier:
        if min(found.values(), default=enough) >= enough:
            break
        knew = made(run_id)
        found = {rule: count + knew.has_rule(rule) for rule, count in found.items()}
    return found


def _compare(rule: str, before: int, of_base: int, growth: int, previous: dt.date, change: str, limits: AuditLimits) -> Check:
    """`before`: open at the previous date; `of_base`: open in the base run, the same but for a re-run."""
    factor = limits.findings_factor
    now = f"{of_base} + COALESCE(SUM(CASE WHEN state = 'open' THEN sign ELSE 0 END), 0)"
    failing = (
        f"SELECT {quote(rule)} AS rule_code, {before} AS findings_before, findings_now FROM"
        f" (SELECT {now} AS findings_now FROM {change} WHERE rule_code = {quote(rule)}) AS counted"
        f" WHERE findings_now * {factor.denominator} > {before * factor.numerator}"
        f" AND findings_now - {before} >= {limits.findings_min}"
    )
    message_zh = (
        f"未整改问题由 {previous} 的 {before} 条增至 {of_base + growth} 条，超过 {float(factor):g} 倍且多出"
        f" {limits.findings_min} 条以上；请核对新增问题的数据与政策参数，有误的改正后重新运行，属实的放行"
    )
    return Check(f"findings_jump.{rule}", "findings", "findings", failing, message_zh, "SELECT 1")


def _count_open(connection: sa.Connection, date: dt.date) -> dict[str, int]:
    query = sa.select(_VERSIONS.c.rule_code, sa.func.count())
    of_date = query.where(valid_at(_VERSIONS, date), _VERSIONS.c.state == "open")
    return {rule: int(n) for rule, n in connection.execute(of_date.group_by(_VERSIONS.c.rule_code))}
