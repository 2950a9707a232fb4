"""The morning page has words in both languages for all that it may have to say."""

import re
from pathlib import Path

import pytest

from pipelines.indicators import finding
from pipelines.reports import morning
from pipelines.reports.morning.totals import GROUPS
from pipelines.reports.morning.trends import SERIES
from pipelines.reports.morning.waiting import BANDS
from pipelines.reports.morning.words import TEXT
from schemas.reports import REPORTS

FINDINGS = Path(finding.__file__)


def test_every_word_of_the_templates_stands_in_both_languages():
    folder = Path(morning.__file__).parent / "templates"
    asked = {
        key
        for path in folder.iterdir()
        for key in re.findall(r'\bt\("(\w+)"[,)]', path.read_text(encoding="utf-8"))
    }
    assert asked <= set(TEXT)
    assert all(zh and en and not re.search(r"[\u4e00-\u9fff]", en) for zh, en in TEXT.values())
    chinese = [
        path.name
        for path in folder.iterdir()
        if re.search(r"[\u4e00-\u9fff]", path.read_text(encoding="utf-8").replace("中文", ""))
    ]
    assert chinese == []


@pytest.mark.parametrize(
    "values",
    [
        REPORTS["runs"].column("status").values,
        REPORTS["check_results"].column("status").values,
        [
            {"code": "code_cause"}.get(cause, cause)
            for cause in REPORTS["restatements"].column("cause").values
        ],
        [name for _, name in BANDS],
        [f"{phase}_phase" for phase, _ in GROUPS] + [duty for _, duty in GROUPS],
        [f"series_{series}" for series in SERIES],
        [
            name
            for path in FINDINGS.parent.glob("*.py")
            for name in re.findall(r'\brule="(\w+)"', path.read_text("utf-8"))
        ],
    ],
    ids=["runs", "checks", "causes", "bands", "groups", "series", "findings"],
)
def test_every_value_of_a_list_has_its_words(values):
    assert values and set(values) <= set(TEXT)
