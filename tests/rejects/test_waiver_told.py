"""A waiver is told as what it is, in the same words everywhere: until when it holds, since when it is over."""

import json
from datetime import date

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.database.open import METADATA
from pipelines.errors import UsageError
from pipelines.lake.batches import last_batch
from pipelines.past.past_run import PastRun
from pipelines.policy.policies import load_policies
from pipelines.rejects.tell_state import tell_state
from pipelines.reports.explain.fate import find_fate, find_file
from pipelines.reports.explain.not_standing import not_standing
from pipelines.reports.explain.sources import sent_files
from pipelines.reports.terminal.rejects import read_rejects, show_reject, show_rejects
from tests.rejects.desk import UNTIL
from tests.validate.good import HOSPITAL

LATE = date(2021, 2, 1)
OVER, HOLDS = "待改正（豁免已于 2021-01-31 到期）", "已豁免至 2021-01-31"


@pytest.fixture(autouse=True)
def _masters(house, masters):
    house.begin_as(masters)
    house.land("payments/a.csv", {"amount": "0"})
    house.night()
    house.waive("P1")


def now(house) -> PastRun:
    return PastRun(house.home, "r", LATE, "published", last_batch(house.home), load_policies(), stands=True, remarks=())


def fate(house):
    run = now(house)
    file, _ = find_file(run, "payments/a.csv")
    _, state, reasons = find_fate(run, file, "", 2)
    return state, reasons


@pytest.mark.parametrize(
    ("state", "until", "told"),
    [("open", UNTIL, OVER), ("waived", UNTIL, HOLDS), ("open", None, "待改正"), ("discarded", None, "已作废")],
)
def test_state_of_a_record_in_words(state, until, told):
    assert tell_state(state, until) == told


def test_a_line_accepted_under_a_waiver_says_until_when(house):
    state, [told] = fate(house)
    assert state == "accepted" and told.endswith(HOLDS)


@pytest.mark.parametrize("older", [False, True], ids=["nothing stands instead", "an older version stands again"])
def test_a_line_whose_waiver_is_over_is_rejected_and_says_since_when(house, older):
    if older:
        house.land("payments/0.csv", {"payment_id": "P2"})
        house.night()
        house.land("payments/a2.csv", {"payment_id": "P2", "amount": "0"})
        house.night()
        house.waive("P2")
    house.day(LATE)
    state, [told, *reasons] = fate(house)
    assert (state, len(reasons)) == ("rejected", 1) and told.endswith(OVER)


def test_a_figure_names_the_row_whose_waiver_is_over_once_and_as_rejected(house):
    house.day(LATE)
    run = now(house)
    concerned = [("payments", {"institution_code": frozenset({HOSPITAL})})]
    found = not_standing(
        run, concerned, sent_files(run.batches()), frozenset(), lambda name: run.versions(name).filter(~pl.col("is_withdrawn"))
    )
    [line] = [x for x in found if x.key.get("主键", "").startswith(f"{HOSPITAL}|P1")]
    assert line.role == "被拒收" and f"被拒收（{OVER}）" in line.reasons[0]
    assert {x.place for x in found if x.role == "旧版本"}.isdisjoint({line.place})


def test_workbook_and_register_say_that_it_is_over(house):
    house.day(LATE)
    assert "豁免已于 2021-01-31 到期" in house.register()["note"].item()
    assert "本行曾获豁免，豁免已于 2021-01-31 到期" in str(house.export())


def test_another_decision_is_refused_with_the_state_in_words(house):
    with pytest.raises(UsageError, match=f"的状态是{HOLDS}，不能作废"):
        house.decide("discard", "P1")


def test_list_and_show_say_that_it_is_over(house):
    house.day(LATE)
    engine = sa.create_engine("sqlite://")
    table = METADATA.tables["rejected_records"]
    row = house.register().select(c.name for c in table.columns).row(0, named=True)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), row | {"reasons": json.dumps(row["reasons"])})
        listed = show_rejects(*read_rejects(connection))
        shown = show_reject(connection, str(row["record_id"])[:6])
    assert list(listed.columns[4].cells) == [OVER] and OVER in list(shown.columns[1].cells)
