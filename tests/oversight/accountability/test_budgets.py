"""Budgets, caps and bands on the list of those to be named, and in the score of the year (obligations §13)."""

from datetime import datetime

import pytest

from pipelines.database.open import open_database
from pipelines.oversight.assessment.assess import assess_year
from pipelines.store.local import Local
from tests.acceptance.night import compute_night
from tests.oversight.accountability.test_items import by_subject
from tests.oversight.accountability.year import AS_OF, ENDED, HEADS, RUNNING, H, write_year
from tests.reports.explained_nights import publish

BUDGETS = {  # name: (target, direction, period, agreed, received for a yuan each, approved excuse)
    "B_FAILED": ("amount", "floor", ENDED, 1000, 400, 100),
    "B_EXCUSED": ("amount", "floor", ENDED, 1000, 900, 100),
    "B_ABOVE": ("quantity", "cap", ENDED, 100, 130, 0),
    "B_COVERED": ("amount", "cap", ENDED, 100, 130, 30),
    "B_PACED": ("amount", "floor", RUNNING, 500, 147.2, 135),
    "B_SHORT": ("quantity", "band", ENDED, 100, 80, 5),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("budgets")
    write_year(folder / "landing")
    product = {name: f"XC10AAB{n:03d}A001010100001" for n, name in enumerate(BUDGETS)}
    rows = {
        "products": [f"{product[n]},drug,某药{n},片,1,M" for n in BUDGETS],
        "commitments": [
            f"{n},L,{n},{H},{product[n]},{agreed},{period},{target},{direction},{agreed * 2}"
            for n, (target, direction, period, agreed, _, _) in BUDGETS.items()
        ],
        "deliveries": [
            f"{H},R-{n},O-{n},S,{product[n]},{got},{got},1.00,"
            f"{'2020-02-01,2020-03-01' if period == ENDED else '2020-08-01,2020-09-01'},"
            for n, (_, _, period, _, got, _) in BUDGETS.items()
        ],
        "excuses": [
            f"X-{n},volume,{H},{n},{excused},,,2020-01-01,shortage,局,备案{n}号"
            for n, (*_, excused) in BUDGETS.items()
            if excused
        ],
    }
    more = {"commitments": ",target,direction,agreed_quantity_max"}
    for dataset, lines in rows.items():
        text = "\n".join([HEADS[dataset] + more.get(dataset, ""), *lines]) + "\n"
        (folder / "landing" / dataset / "budgets.csv").write_text(text, encoding="utf-8")
    publish(compute_night(folder / "landing", folder / "home", AS_OF))
    return Local(folder / "home")


@pytest.fixture(scope="module")
def engine(home):
    engine = open_database(f"sqlite:///{home.folder / 'compliance.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def listed(engine, home):
    return by_subject(engine, home)


@pytest.mark.parametrize(
    ("subject", "part", "rule", "amount", "excused", "shortfall"),
    [
        ("B_FAILED", "named", "budget_failed", 60_000, 10_000, None),
        ("B_EXCUSED", "excused", "budget_failed_excused", 10_000, 10_000, None),
        ("B_ABOVE", "named", "budget_exceeded", None, None, None),
        ("B_COVERED", "excused", "budget_exceeded_excused", 3_000, 3_000, None),
        ("B_PACED", "excused", "budget_seriously_behind", 35_280, 13_500, None),
        ("B_SHORT", "named", "budget_failed", None, None, 20),
    ],
)
def test_a_budget_is_named_unless_excuses_cover_it(listed, subject, part, rule, amount, excused, shortfall):
    item = listed[subject]
    found = [item[c] for c in ("part", "rule_code", "amount_fen", "excused_fen", "shortfall_quantity")]
    assert found == [part, rule, amount, excused, shortfall]
    assert bool(item["excuse_document_no"]) == (BUDGETS[subject][-1] > 0)


def test_amounts_at_least_are_part_of_the_completion_of_the_year(engine, home):
    at = datetime.fromisoformat("2021-01-08T10:00:00+08:00")
    [row] = [row for row in assess_year(engine, home, None, 2020, at=at).rows if row["institution_code"] == H]
    counts = [row[c] for c in ("commitments", "completed", "excused", "unvalued")]
    assert counts == [4 + 2, 1, 1 + 1, 0]
    fen = [row[c] for c in ("agreed_fen", "capped_fen", "excused_agreed_fen")]
    assert fen == [100_000 + 200_000, 77_500 + 130_000, 5_000 + 20_000]
