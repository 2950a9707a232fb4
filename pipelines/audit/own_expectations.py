"""Two expectations that Great Expectations does not have: rows that keep a law, and a query that lists nothing.

Imported where an audit begins, not before: the library takes a second to import.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa
from great_expectations.compatibility import pydantic
from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
from great_expectations.expectations.expectation import ColumnMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import column_condition_partial
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import ColumnMapMetricProvider
from great_expectations.expectations.metrics.metric_provider import MetricProvider, metric_value

from pipelines.audit.expectations import EXAMPLES


def as_written(query: str) -> sa.TextClause:
    """A query in which no colon is taken for a parameter."""
    return sa.text(query.replace(":", "\\:"))


_WITHOUT_VALUE = "column_values.nonnull.unexpected_count"


class RowsKeepLaw(ColumnMapMetricProvider):
    """Rows that do not meet an SQL condition, which may name any of their columns."""

    condition_metric_name = "rows.keep_law"
    condition_value_keys = ("broken_by",)
    filter_column_isnull = False

    @column_condition_partial(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(cls, column: Any, broken_by: str, **_: Any) -> Any:  # noqa: N805 the library makes it a class method
        return sa.not_(sa.literal_column(f"({broken_by})", sa.Boolean()))


class ExpectRowsToKeepLaw(ColumnMapExpectation):
    """No row meets the condition `broken_by`, whether the column that it is asked of has a value or not."""

    broken_by: str
    map_metric: ClassVar[str] = "rows.keep_law"
    success_keys: ClassVar[tuple[str, ...]] = ("mostly", "broken_by")

    def get_validation_dependencies(self, *args: Any, **kwargs: Any) -> Any:
        """What the library would count, without the values of the column."""
        found = super().get_validation_dependencies(*args, **kwargs)
        found.remove_metric_configuration(_WITHOUT_VALUE)
        return found

    def _validate(self, metrics: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super()._validate(metrics | {_WITHOUT_VALUE: 0}, *args, **kwargs)


class QueryLists(MetricProvider):
    """How many rows a query lists, and the first of them."""

    metric_name = "query.lists"
    domain_keys = ("batch_id",)
    value_keys = ("unexpected_rows_query",)

    @metric_value(engine=SqlAlchemyExecutionEngine)
    def _sqlalchemy(  # the library makes it a class method
        cls,  # noqa: N805
        execution_engine: SqlAlchemyExecutionEngine,
        metric_value_kwargs: dict[str, Any],
        **_: Any,
    ) -> tuple[int, list[dict[str, Any]]]:
        query = metric_value_kwargs["unexpected_rows_query"]
        counted = as_written(f"SELECT COUNT(*) FROM ({query}) AS listed")
        count = int(execution_engine.execute_query(counted).scalar_one())
        if not count:
            return 0, []
        first = execution_engine.execute_query(as_written(f"SELECT * FROM ({query}) AS listed LIMIT {EXAMPLES}"))
        return count, [dict(row._mapping) for row in first]


class ExpectQueryToListNothing(UnexpectedRowsExpectation):
    """A query lists no row; it runs once where it lists none, and as it is written."""

    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.lists",)

    @pydantic.validator("unexpected_rows_query")
    def _validate_query(cls, query: str) -> str:  # noqa: N805
        """Braces have no meaning here, and what is listed need not be of the batch."""
        return query

    def _validate(
        self, metrics: dict[str, Any], runtime_configuration: Any = None, execution_engine: Any = None
    ) -> dict[str, Any]:
        count, first = metrics["query.lists"]
        result = {"observed_value": count, "details": {"unexpected_rows": first}}
        return {"success": count == 0, "result": result}
