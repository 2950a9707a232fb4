"""An indicator that is dropped in, and says nothing of how it is shown, stands on every page from its tables and measures."""

import json
import re
from pathlib import Path

import pytest

from tests.oversight.trial_source import with_trial
from tests.processes import ROOT, run_in
from tests.reports.mornings import cells, figures

pytestmark = pytest.mark.thorough

HOSPITAL, COUNTY, TABLE = "H33028200103", "330282", "swift_acceptance_month"


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """The site below a home in which two nights on the sample computed the trial too, and what the last one printed."""
    folder = tmp_path_factory.mktemp("trial")
    source, home = with_trial(folder), folder / "home"
    own = source / "pipelines" / "indicators" / "swift_acceptance"
    own.with_suffix(".md").write_text("# 验收及时 · Swift acceptance\n", "utf-8")
    policies = own.with_suffix(".toml")
    policies.write_text(policies.read_text("utf-8").replace("value = 30", "value = 3"), "utf-8")
    for day in ("2020-11-30", "2020-12-31"):
        landing = ["--landing", ROOT / "seeds" / "sample"]
        told = run_in(source, "pipelines.cli.app", "run", *landing, "--as-of", day, "--home", home)
    return home / "site", told


def read(site: Path, folder: str) -> str:
    return next(site.glob(f"{folder}/index.html")).read_text("utf-8")


def test_the_headline_has_its_table_and_its_findings(shown):
    _, told = shown
    assert re.search(r"验收及时情况\s.*及时验收笔数.*验收笔数.*验收及时率.*合计.*\d\d\.\d\d%", told, re.DOTALL)
    assert re.search(r"│ 验收不及时 +│ +\d+ │", told)


def test_the_morning_page_has_its_measure_its_change_its_line_and_its_findings(shown):
    page = read(shown[0], "morning/20201231-*")
    sums, now, before, change = figures(page)["swift"]
    assert re.fullmatch(r"及时验收笔数 \d+ ÷ 验收笔数 \d+", sums)
    points = float(change.replace("−", "-").replace("±", ""))
    assert points == pytest.approx(float(now.rstrip("%")) - float(before.rstrip("%")), abs=0.011)
    assert re.search(r'class="key" style="--tone: #\w+">.{,80}验收及时率.{,80}Accepted soon', page)
    assert "验收不及时" in [row[0] for row in cells(page, "findings")] and "Accepted late" in page


@pytest.mark.parametrize("folder", ["", f"institution/{HOSPITAL}", f"jurisdiction/{COUNTY}"])
def test_the_site_has_its_sheet_chart_line_and_figure(shown, folder):
    page = read(shown[0], folder or ".")
    assert "<h2>" in page and "验收及时情况" in page and "Swift acceptance" in page
    head, *rows = cells(page, TABLE)
    assert head == ["验收月份", "验收笔数", "及时验收笔数", "验收及时率"]
    for _, accepted, swift, rate in rows:
        assert rate == f"{100 * int(swift) / int(accepted):.2f}%"
    drawn = json.loads(re.search(r'id="chart-data">(.*?)</script>', page)[1])
    assert [month for month, _ in drawn[TABLE]] == sorted(row[0] for row in rows)
    assert drawn["trend_swift_acceptance_1"]["points"]["swift"][0][0] == "2020-11-30"
    assert re.search(r'data-figure="swift"><span>.{,60}验收及时率.*?<b>\d+\.\d+%</b>.*?Σ及时验收笔数 ÷ Σ验收笔数', page, re.S)


def test_lists_have_its_rate_and_findings_its_words(shown):
    for name, folder in (("jurisdictions", ""), ("institutions", "institutions")):
        assert "验收及时率" in cells(read(shown[0], folder or "."), name)[0]
    page = read(shown[0], f"institution/{HOSPITAL}")
    assert "验收不及时" in {row[2] for row in cells(page, "findings")} and "Accepted late" in page
