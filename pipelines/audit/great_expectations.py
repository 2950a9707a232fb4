"""The audit of a staged run by Great Expectations, before anything is published."""

import datetime as dt
import gc
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.audit.changed import Changed
from pipelines.audit.expectations import Check, expect_columns, quote
from pipelines.audit.gates import AuditLimits, Waived, gate
from pipelines.audit.laws import expect_laws
from pipelines.audit.put_off import put_off
from pipelines.audit.tally import tally
from pipelines.publish.stage import check_staged

__all__ = ["AuditLimits", "audit"]

EXAMPLES = 20
_UNUSED = ("altair", "scipy.stats")
"""What Great Expectations imports for statistics and charts that we do not ask for: half of its import's time."""


def audit(
    engine: sa.Engine, run_id: str, as_of: dt.date, limits: AuditLimits, directory: Path
) -> list[dict[str, Any]]:
    """Check what a run changes; return rows of check_results without run_id.

    Passes when every check is `passed` or `not_applicable`: keys unique, required columns filled, lists
    and ranges kept, parts add up, no institution lost since the previous published date, reject rates
    within `limits`. Looked at are the rows that come and those that leave; on a first night that is all.
    A check that examined nothing is `not_applicable`, one that could not run is `failed`. The results as
    Great Expectations gives them go to `directory/ge_results.json`. Raises LedgerError when staging holds
    another run.
    """
    with engine.connect() as connection:
        base = check_staged(connection, run_id, as_of)
        gates = gate(connection, as_of, base, limits)
    changed = Changed(base)
    own = [check for check in gates if isinstance(check, Check)]
    checks = [*expect_columns(changed), *expect_laws(changed), *own]
    applied, counted = tally(engine, checks)
    outcomes = _validate(engine, checks, counted)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "ge_results.json").write_text(_write_json(outcomes, indent=1), encoding="utf-8")
    rows = [
        _report_check(check, applied[check.check_id], counted[check.check_id], outcomes[check.check_id])
        for check in checks
    ]
    return rows + [_report_waived(check) for check in gates if isinstance(check, Waived)]


def _validate(
    engine: sa.Engine, checks: Sequence[Check], counted: Mapping[str, int | None]
) -> dict[str, dict[str, Any]]:
    """Result of Great Expectations by check_id."""
    source = _open_source(engine)
    try:
        return _validate_tally(
            source, {check: _write_query(check, counted[check.check_id]) for check in checks}
        )
    finally:
        # A connection left open would keep SQLite from writing its log back when the night ends: the next one would
        # have to read it all.
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _write_query(check: Check, counted: int | None) -> str:
    """What Great Expectations asks: the count where nothing fails, the failing rows themselves elsewhere."""
    own = f"check_id = {quote(check.check_id)}"
    if counted == 0:
        return f"SELECT check_id, failing FROM {{batch}} WHERE {own} AND COALESCE(failing, 1) <> 0"
    return f"SELECT listed.* FROM {{batch}}, ({check.failing}) AS listed WHERE {own}"


def _open_source(engine: sa.Engine) -> Any:
    """A data source of Great Expectations on the same database; no files, no progress bars, no statistics."""
    # The library imports modules that Python has deprecated; and it warns against the general kind of source,
    # but its PostgreSQL kind refuses a server on a socket.
    with warnings.catch_warnings(), _collect_later(), put_off(*_UNUSED):
        warnings.simplefilter("ignore")
        import great_expectations as gx
        from great_expectations.data_context.types.base import (
            DataContextConfig,
            InMemoryStoreBackendDefaults,
            ProgressBarsConfig,
        )

        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        )
        context = gx.get_context(project_config=config, mode="ephemeral")
        # Percent-encoded, so that nothing in a password is taken for a variable to be substituted.
        url = engine.url.render_as_string(hide_password=False).replace("$", "%24")
        source = context.data_sources.add_sql("staging", connection_string=url)
        source.get_engine()
    return source


@contextmanager
def _collect_later() -> Iterator[None]:
    """Garbage is not looked for within: an import leaves none, and to look takes a fifth of this one's time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _validate_tally(source: Any, queries: Mapping[Check, str]) -> dict[str, dict[str, Any]]:
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation

    try:
        asset = source.add_table_asset("tally", table_name="staging_tally")
        batch = asset.add_batch_definition_whole_table("staged").get_batch()
        expectations = [
            UnexpectedRowsExpectation(
                unexpected_rows_query=query, description=check.message_zh, meta={"check_id": check.check_id}
            )
            for check, query in queries.items()
        ]
        suite = ExpectationSuite(name="staged", expectations=expectations)
        results = batch.validate(suite, result_format="COMPLETE").results
        return {result.expectation_config.meta["check_id"]: result.to_json_dict() for result in results}
    except Exception as error:  # whatever stops the audit must fail its checks, not the record of them
        fault = {"success": False, "error": f"{type(error).__name__}: {error}"}
        return {check.check_id: fault for check in queries}


def _report_check(check: Check, applied: int, counted: int | None, outcome: dict[str, Any]) -> dict[str, Any]:
    result = outcome.get("result") or {}
    failed = result.get("observed_value")
    if failed is None or failed != counted:  # what was counted and what was listed must be the same
        details = {
            "message_zh": f"检查未能执行：{check.message_zh}",
            "examples": [],
            "error": _find_error(outcome),
        }
        return _row(check, max(1, applied), 0, max(1, applied), "failed", details)
    examples = (result.get("details") or {}).get("unexpected_rows", [])[:EXAMPLES]
    status = "failed" if failed else "passed" if applied else "not_applicable"
    message_zh = f"{check.message_zh}:{failed} 处" if failed else "通过" if applied else "没有可检查的数据"
    passed = max(0, applied - failed)
    return _row(check, applied, passed, failed, status, {"message_zh": message_zh, "examples": examples})


def _report_waived(check: Waived) -> dict[str, Any]:
    details = {"message_zh": check.message_zh, "examples": []}
    return _row(check, 0, 0, 0, "not_applicable", details)


def _row(
    check: Check | Waived, applied: int, passed: int, failed: int, status: str, details: dict[str, Any]
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


def _find_error(outcome: dict[str, Any]) -> str:
    return str(outcome.get("error") or outcome.get("exception_info") or "")[:2000]


def _write_json(content: object, indent: int | None = None) -> str:
    return json.dumps(content, ensure_ascii=False, default=str, indent=indent)
