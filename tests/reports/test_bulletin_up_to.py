"""What is unpaid of goods accepted up to a day, by city, county and level; and which days can be told apart."""

import re

import fastexcel
import pytest

from pipelines.errors import UsageError
from pipelines.reports.bulletin import make_bulletin
from pipelines.settings import Settings
from tests.reports.explained_nights import AS_OF, H, Night, S, delivery
from tests.spec.tables import read_day

SMALL, SHOP, AWAY = "H33020300001", "P33028200001", "H37150000001"


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    """Two hospitals and a pharmacy in two counties of Ningbo, a hospital elsewhere without a level."""
    night = Night(tmp_path_factory.mktemp("up_to"))
    places = night.landing / "institutions" / "levels.csv"
    places.parent.mkdir(parents=True, exist_ok=True)
    rows = (
        f"{H},一院,330282,public,tertiary",
        f"{SMALL},卫生院,330203,public,primary",
        f"{SHOP},药店,330282,retail,retail",
        f"{AWAY},二院,371500,public,",
    )
    text = "\n".join(("institution_code,name,jurisdiction_code,ownership,level", *rows))
    places.write_text(text, encoding="utf-8")
    night.run(
        deliveries=[
            delivery("OCTOBER", "2020-10-31", packs=33),
            delivery("NOVEMBER", "2020-11-01", packs=44),
            delivery("SMALL", "2020-09-05", packs=20).replace(H, SMALL),
            delivery("SHOP", "2020-10-05", packs=7).replace(H, SHOP),
            delivery("AWAY", "2020-10-05", packs=5).replace(H, AWAY),
        ],
        payments=[f"{H},P1,1,{S},2020-12-03,30.33"],
    )
    return night


def make(night, up_to, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VBP_CHROMIUM", "/nonexistent/chromium")
        settings = Settings(home=night.home)
        return make_bulletin(settings, AS_OF, lambda _: None, up_to=up_to and read_day(up_to), **options)


def cells(page, listing):
    body = re.search(rf'<table data-listing="arrears_up_to_{listing}".*?</table>', page.read().decode(), re.S)[0]
    return [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr.*?</tr>", body, re.S)[1:]]


def test_debts_up_to_a_month_stand_by_division_level_and_institution(night):
    made = make(night, "10-31")
    assert made.place.name == "2020-12-31_accepted-to-2020-10-31"
    page = made.place.at("up_to.html")
    divisions = cells(page, "divisions")
    # Payables, accepted, paid, unpaid; of it tertiary, primary, pharmacies, without a level.
    assert [row[0] for row in divisions] == ["330203", "330282", "371500", "3302", ""]
    assert divisions[1][2:] == ["2", "40.00", "30.33", "9.67", "2.67", "0.00", "7.00", "0.00"]
    assert divisions[3][2:] == ["3", "60.00", "30.33", "29.67", "2.67", "20.00", "7.00", "0.00"]
    assert divisions[4][1:] == ["合计", "4", "65.00", "30.33", "34.67", "2.67", "20.00", "7.00", "5.00"]
    assert [(row[0], row[-1]) for row in cells(page, "levels")] == [
        ("三级", "2.67"),
        ("基层", "20.00"),
        ("药店", "7.00"),
        ("未定等级", "5.00"),
        ("合计", "34.67"),
    ]
    assert [row[0] for row in cells(page, "institutions")] == [SMALL, SHOP, AWAY, H, ""]
    sheet = fastexcel.read_excel(str(made.workbook)).load_sheet("2020-10-31 及以前验收的货款未付", header_row=2).to_polars()
    assert sheet["未付款金额（元）"].to_list() == [20.0, 9.67, 5.0, 29.67, 34.67]


def test_it_is_only_there_when_it_is_asked_for(night):
    made = make(night, None)
    assert made.place.name == "2020-12-31"
    assert not made.place.at("up_to.html").exists
    assert "arrears_up_to" not in made.place.at("print.html").read().decode()


def test_a_scope_limits_it_and_the_day_of_the_figures_will_do(night):
    made = make(night, "12-31", scope=("330282",))
    assert [row[0] for row in cells(made.place.at("up_to.html"), "divisions")] == ["330282", ""]


@pytest.mark.parametrize(
    ("up_to", "said"),
    [("10-15", "2020-09-30、2020-10-31"), ("12-30", "2020-11-30、2020-12-31"), ("2021-01-31", "晚于统计截止日")],
)
def test_a_day_that_months_do_not_end_with_is_refused(night, up_to, said):
    with pytest.raises(UsageError, match=said):
        make(night, up_to)
