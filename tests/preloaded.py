"""What a night imports before it begins, but Airflow, which reads its configuration when it is imported.

Imports only: a process that has executed any Polars must not fork.
"""

import warnings

import altair
import scipy.stats
import vl_convert

import pipelines.cli
import pipelines.publish.audit
import pipelines.publish.stage
import pipelines.rejects.nightly_returns
import pipelines.reports.headline
import pipelines.reports.morning
import pipelines.reports.site
import pipelines.run_night

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations
    import great_expectations.expectations.core

__all__ = ["altair", "great_expectations", "pipelines", "scipy", "vl_convert"]
