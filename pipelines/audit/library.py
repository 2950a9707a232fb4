"""Great Expectations on the staged tables: one suite a table, asked at once; what is not met is asked again in full."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pipelines.audit.expectations import EXAMPLES, Check
from pipelines.audit.put_off import put_off
from pipelines.database.tables import key_of

_UNUSED = ("altair", "scipy.stats")
"""What Great Expectations imports for statistics and charts that we do not ask for: half of its import's time."""


class Library:
    """Great Expectations, opened by `open_library`."""

    def __init__(self, source: Any, coming: Callable[[str], str]) -> None:
        self._source, self._coming = source, coming
        self._batches: dict[str, Any] = {}

    def ask(self, table: str, expectations: Sequence[Any]) -> list[dict[str, Any]]:
        """Validate expectations on the staged rows of a table; return of each, in their order, the library's result.

        Of one that is not met it has the number of failing rows, up to 20 of them with their key, and the query that lists
        all; of one that could not run, `success` false and `error`.
        """
        try:
            batch = self._batch(table)
            results = self._validate(batch, expectations, "BOOLEAN_ONLY")
            return [
                result
                if result["success"] or "error" in result or result.get("result")
                else self._detail(batch, table, expectation)
                for expectation, result in zip(expectations, results, strict=True)
            ]
        except Exception as error:  # whatever stops the audit must fail its checks, not the record of them
            return [_fault(expectation, error) for expectation in expectations]

    def _batch(self, table: str) -> Any:
        if table not in self._batches:
            asset = self._source.add_table_asset(table, table_name=self._coming(table))
            self._batches[table] = asset.add_batch_definition_whole_table("staged").get_batch()
        return self._batches[table]

    def _detail(self, batch: Any, table: str, expectation: Any) -> dict[str, Any]:
        shown = [*key_of(table), *expectation.meta.get("shown", ())]
        lists = hasattr(expectation, "unexpected_rows_query")
        wanted = {
            "result_format": "COMPLETE" if lists else "SUMMARY",  # of values COMPLETE would fetch all that fail
            "unexpected_index_column_names": shown,
            "partial_unexpected_count": EXAMPLES,
            "return_unexpected_index_query": True,
        }
        return self._validate(batch, [expectation], wanted)[0]

    def _validate(self, batch: Any, expectations: Sequence[Any], result_format: Any) -> list[dict[str, Any]]:
        from great_expectations.core import ExpectationSuite

        suite = ExpectationSuite(name="staged", expectations=list(expectations))
        results = batch.validate(suite, result_format=result_format).results
        found = {result.expectation_config.meta["number"]: result.to_json_dict() for result in results}
        return [_with_error(found[expectation.meta["number"]]) for expectation in expectations]


@contextmanager
def open_library(engine: sa.Engine, coming: Callable[[str], str]) -> Iterator[Library]:
    """Great Expectations on the same database; no files, no progress bars, no statistics. `coming` says which table holds the
    staged rows of one.
    """
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

        import pipelines.audit.own_expectations  # noqa: F401  to be known to the library

        config = DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        )
        context: Any = gx.get_context(project_config=config, mode="ephemeral")
        context._save_project_config = lambda *_: None  # of a context that is kept nowhere it would be written for each table
        # Percent-encoded, so that nothing in a password is taken for a variable to be substituted.
        url = engine.url.render_as_string(hide_password=False).replace("$", "%24")
        source = context.data_sources.add_sql("staging", connection_string=url)
        source.get_engine()
    try:
        with _collect_later(), _configured_once():
            yield Library(source, coming)
    finally:
        # A connection left open would keep SQLite from writing its log back when the night ends: the next one would
        # have to read it all.
        source.get_execution_engine().close()
        source.get_engine().dispose()


def expectations_of(check: Check, number: int) -> list[Any]:
    """What a check asks, as expectations of the library, numbered from `number` on."""
    from great_expectations.expectations.registry import get_expectation_impl

    from pipelines.audit.own_expectations import ExpectQueryToListNothing

    meta: dict[str, Any] = {"check_id": check.check_id, "number": number}
    if check.failing:
        own: Any = ExpectQueryToListNothing
        return [own(unexpected_rows_query=check.failing, description=check.message_zh, meta=meta)]
    expectations = []
    for offset, asked in enumerate(check.asked):
        kind: Any = get_expectation_impl(asked.kind)
        own_meta = meta | {"number": number + offset, "shown": list(asked.shown)}
        given = {"column": asked.column, **asked.arguments}
        expectations.append(kind(**given, description=check.message_zh, meta=own_meta))
    return expectations


@contextmanager
def _collect_later() -> Iterator[None]:
    """Garbage is not looked for within: an import leaves none, and to look takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def _configured_once() -> Iterator[None]:
    """Within, an expectation makes its configuration once, and a configuration its expectation: the library has them made seventy
    times while it validates one, which took half of the time of an audit.
    """
    from great_expectations.expectations.expectation import Expectation
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    makes: Any = Expectation.configuration
    makers: list[tuple[Any, str, Any, Any]] = [
        (Expectation, "configuration", makes, property(_once(makes.fget))),
        (ExpectationConfiguration, "to_domain_obj", own := ExpectationConfiguration.to_domain_obj, _once(own)),
    ]
    try:
        for kind, name, _, once in makers:
            setattr(kind, name, once)
        yield
    finally:
        for kind, name, before, _ in makers:
            setattr(kind, name, before)


def _once(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    made: dict[int, tuple[Any, Any]] = {}  # by id, with what has it, lest another be given it

    def once(of: Any) -> Any:
        if id(of) not in made:
            made[id(of)] = (of, make(of))
        return made[id(of)][1]

    return once


def _with_error(result: dict[str, Any]) -> dict[str, Any]:
    """The result, with `error` where a metric of it raised."""
    info = result.get("exception_info") or {}
    raised = info if "raised_exception" in info else next((v for v in info.values() if isinstance(v, dict)), {})
    return result | {"error": str(raised.get("exception_message"))} if raised.get("raised_exception") else result


def _fault(expectation: Any, error: Exception) -> dict[str, Any]:
    config = expectation.configuration.to_json_dict()
    return {"success": False, "expectation_config": config, "error": f"{type(error).__name__}: {error}"}
