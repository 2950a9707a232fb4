"""The audit of a staged run by Great Expectations, before anything is published."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.audit.changed import Changed
from pipelines.audit.expectations import EXAMPLES, Check, expect_rows, expect_staged
from pipelines.audit.failing import query_of, write_failing
from pipelines.audit.gates import AuditLimits, MadeBy, Waived, gate
from pipelines.audit.library import Library, expectations_of, open_library
from pipelines.audit.suites import Refused, read_suites
from pipelines.database.made import made_now
from pipelines.database.versions import is_written_once
from pipelines.publish.stage import check_staged
from pipelines.store import keys
from pipelines.store.store import Store, packed

__all__ = ["AuditLimits", "audit"]

Results = dict[str, list[dict[str, Any]]]


def audit(
    engine: sa.Engine,
    run_id: str,
    as_of: dt.date,
    limits: AuditLimits,
    objects: Store,
    own_suites: Store | None = None,
    made: MadeBy = lambda _: made_now(),
) -> list[dict[str, Any]]:
    """Check what a run changes; return rows of check_results without run_id.

    Passes when every check is `passed` or `not_applicable`: keys unique, required columns filled, lists
    and ranges kept, laws held, no institution lost since the previous published date, reject rates
    within `limits`. Looked at are the rows that come and those that leave; on a first night that is all.
    A check that has nothing to look at is `not_applicable` and as a rule not asked, one that could not run is `failed`. The
    results as Great Expectations gives them go to the `objects` of the run, and so do all keys of rows that fail one
    (`keys.FAILING`). A site's `own_suites` are asked after ours; what they call a warning is one. `made` says by its id what
    an earlier run knew; unless it is given, all that the present code does. Raises LedgerError when staging holds another run.
    """
    with engine.connect() as connection:
        base = check_staged(connection, run_id, as_of)
        gates = gate(connection, as_of, base, limits, made)
        changed = Changed(base, is_written_once(connection))
    of_rows, of_gates = list(expect_staged(changed)), [check for check in gates if isinstance(check, Check)]
    checks = [*of_rows, *of_gates]
    applied = _count(engine, checks, changed)
    # A law of several tables may be broken by rows of another one than it counts.
    beyond = {check.check_id for check in of_rows if check.failing}
    asked = [check for check, n in zip(checks, applied, strict=True) if n != 0 or check.check_id in beyond]
    with open_library(engine, changed.coming) as library:
        results = _ask(library, asked)
        suites = list(read_suites(own_suites)) if own_suites else []
        for suite in suites:
            if not isinstance(suite, Refused):
                own = [check for check, _ in suite]
                checks, applied = checks + own, applied + _count(engine, own, changed)
                results |= _ask_own(library, suite)
    objects.drop(keys.FAILING)
    with objects.filling(keys.FAILING) as folder:
        for found in results.values():
            _keep_failing(engine, found, folder, changed)
    named = {_name(result): result for found in results.values() for result in found}
    objects.put(keys.RESULTS, packed(_write_json(named, indent=1).encode()))
    rows = [_report_check(check, n or 0, results.get(check.check_id, [])) for check, n in zip(checks, applied, strict=True)]
    rows += [_report_waived(check) for check in gates if isinstance(check, Waived)]
    return rows + [_report_refused(suite) for suite in suites if isinstance(suite, Refused)]


def _ask(library: Library, checks: Sequence[Check]) -> Results:
    """The results of every check, by its name."""
    results: Results = {}
    for table in dict.fromkeys(check.table for check in checks):
        own = [check for check in checks if check.table == table]
        of_rows = [check for check in own if check.broken_by]
        every = expect_rows(table, [check.broken_by for check in of_rows])
        found = _ask_each(library, table, [*(check for check in own if not check.broken_by), *([every] if of_rows else [])])
        for result in found.pop(every.check_id, []):
            is_kept = result["success"]
            found |= {c.check_id: [_of_one(result, c)] for c in of_rows} if is_kept else _ask_each(library, table, of_rows)
        results |= found
    return results


def _ask_each(library: Library, table: str, checks: Sequence[Check]) -> Results:
    expectations: list[Any] = []
    for check in checks:
        expectations += expectations_of(check, len(expectations))
    results: Results = {check.check_id: [] for check in checks}
    for expectation, result in zip(expectations, library.ask(table, expectations), strict=True):
        results[expectation.meta["check_id"]].append(result)
    return results


def _of_one(result: Mapping[str, Any], check: Check) -> dict[str, Any]:
    """Of what all rows keep, as a result of the one check."""
    config = result["expectation_config"]
    own = {"kwargs": {"broken_by": check.broken_by}, "meta": {"check_id": check.check_id}, "description": check.message_zh}
    return {**result, "expectation_config": config | own}


def _ask_own(library: Library, suite: Sequence[tuple[Check, Any]]) -> Results:
    """The results of a site's suite; one that cannot run takes the others of its bundle with it, so each is asked alone then."""
    table, expectations = suite[0][0].table, [expectation for _, expectation in suite]
    results = library.ask(table, expectations)
    if any("error" in result for result in results):
        results = [library.ask(table, [expectation])[0] for expectation in expectations]
    return {check.check_id: [result] for (check, _), result in zip(suite, results, strict=True)}


def _count(engine: sa.Engine, checks: Sequence[Check], changed: Changed) -> list[int | None]:
    """How many rows each check looks at; None where that cannot be asked, and the check fails then."""
    return _count_all(engine, [check.applied or f"SELECT COUNT(*) FROM {changed.coming(check.table)}" for check in checks])


def _count_all(engine: sa.Engine, queries: Sequence[str]) -> list[int | None]:
    """What each query counts, all of them asked at once; None of one that cannot run."""
    distinct = list(dict.fromkeys(queries))
    try:
        with engine.connect() as connection:
            columns = ", ".join(f"({query}) AS n{n}" for n, query in enumerate(distinct))
            plain = connection.execution_options(no_parameters=True)
            counted = list(plain.exec_driver_sql(f"SELECT {columns}").one())
    except sa.exc.DBAPIError:
        if len(distinct) == 1:
            return [None] * len(queries)
        counted = [_count_all(engine, [query])[0] for query in distinct]
    found = dict(zip(distinct, counted, strict=True))
    return [found[query] for query in queries]


def _keep_failing(engine: sa.Engine, results: Sequence[dict[str, Any]], folder: Path, changed: Changed) -> None:
    """Write the keys of all rows that fail, and note the file's name in the result."""
    for result in results:
        if not result["success"] and "error" not in result and (query := query_of(result, changed.coming)):
            # Of a site's own the library may say what the database does not take as it is written.
            with suppress(sa.exc.DBAPIError):
                result["all_failing"] = write_failing(engine, _name(result), query, folder)


def _name(result: Mapping[str, Any]) -> str:
    """The name of the check, and of the column where it asks the same of several."""
    config = result["expectation_config"]
    column = config["kwargs"].get("column", "")
    name = str(config["meta"]["check_id"])
    return f"{name}:{column}" if column and not config["meta"].get("shown") else name


def _report_check(check: Check, applied: int, results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    counts = [_count_failing(result) for result in results]
    holds = any(r["expectation_config"].get("severity", "critical") == "critical" for r in results)
    bad = "failed" if holds else "warning"
    if None in counts:
        error = next((r["error"] for r, n in zip(results, counts, strict=True) if n is None and "error" in r), "")
        message_zh = f"检查未能执行：{check.message_zh}"
        details: dict[str, Any] = {"message_zh": message_zh, "examples": [], "error": error[:2000]}
        return _row(check, max(1, applied), 0, max(1, applied), bad, details)
    failed = sum(count for count in counts if count)
    examples = [row for result in results for row in _examples(result)][:EXAMPLES]
    status = bad if failed else "passed" if applied else "not_applicable"
    message_zh = f"{check.message_zh}:{failed} 处" if failed else "通过" if applied else "没有可检查的数据"
    details = {"message_zh": message_zh, "examples": examples}
    return _row(check, max(applied, failed), max(0, applied - failed), failed, status, details)


def _count_failing(result: Mapping[str, Any]) -> int | None:
    """How many rows fail, 1 where it is asked of the table as a whole; None where that is not known, as it could not be asked."""
    found = result.get("result") or {}
    if result["success"]:
        return 0
    if "error" in result or not found:
        return None
    count: int | None = found.get("unexpected_count", found["observed_value"] if _lists(result) else 1)
    return count or None


def _examples(result: Mapping[str, Any]) -> list[Any]:
    found = result.get("result") or {}
    if result["success"]:
        return []
    if _lists(result):
        return list((found.get("details") or {}).get("unexpected_rows") or [])
    own = [{"observed_value": found["observed_value"]}] if "observed_value" in found else []
    return found.get("partial_unexpected_index_list") or own


def _lists(result: Mapping[str, Any]) -> bool:
    """Whether an expectation is a query that lists what fails."""
    return "unexpected_rows_query" in result["expectation_config"]["kwargs"]


def _report_waived(check: Waived) -> dict[str, Any]:
    details = {"message_zh": check.message_zh, "examples": []}
    return _row(check, 0, 0, 0, "not_applicable", details)


def _report_refused(suite: Refused) -> dict[str, Any]:
    return _row(suite, 1, 0, 1, "failed", {"message_zh": suite.message_zh, "examples": []})


def _row(
    check: Check | Waived | Refused, applied: int, passed: int, failed: int, status: str, details: dict[str, Any]
) -> dict[str, Any]:
    return {
        "check_id": check.check_id,
        "scope": check.scope,
        "applied": applied,
        "passed": passed,
        "failed": failed,
        "not_applicable": int(status == "not_applicable"),
        "status": status,
        "details": _write_json(details),
    }


def _write_json(content: object, indent: int | None = None) -> str:
    return json.dumps(content, ensure_ascii=False, default=str, indent=indent)
