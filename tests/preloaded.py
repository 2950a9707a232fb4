"""What a night imports before it begins, but Airflow, which reads its configuration when it is imported.

Imports, what they are asked for first, cards and templates as pages need them, and one empty database: a process that has
executed any Polars must not fork. What browsers draw charts with is bundled beforehand, in a process of its own, once for
all nights: each would spend more than a second on a text that no test of nights reads.
"""

import subprocess
import sys
import warnings

import altair
import scipy.stats
import vl_convert

import pipelines.audit.great_expectations
import pipelines.cli.app
import pipelines.desk.nightly_returns
import pipelines.night.run
import pipelines.publish.stage
import pipelines.reports.morning
import pipelines.reports.site
import pipelines.reports.terminal.headline
from pipelines.database import open as database
from pipelines.indicators import all_explained, all_indicators
from pipelines.reports.morning import render as morning
from pipelines.reports.site import render
from pipelines.reports.site.cards import read_cards
from tests.begun import make_file, migrated

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import great_expectations
    import great_expectations.expectations.core

_BUNDLE = "import sys, vl_convert; print(vl_convert.javascript_bundle(sys.argv[1]), end='')"
_BUNDLED = subprocess.run(
    [sys.executable, "-c", _BUNDLE, render._EMBED], check=True, capture_output=True, encoding="utf-8"
).stdout
vl_convert.javascript_bundle = lambda _: _BUNDLED

all_indicators(), all_explained()
for card in read_cards():
    assert card.texts  # made once, and kept
for environment in (render.environment(), morning._environment()):
    for template in environment.list_templates(extensions=["j2"]):
        environment.get_template(template)
migrated()
database._make_file = make_file

__all__ = ["altair", "great_expectations", "pipelines", "scipy", "vl_convert"]
