"""A year's score from the published figures of its last date."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.database.tables import METADATA
from pipelines.errors import UsageError
from pipelines.indicators.payment.oversight import year_of
from pipelines.oversight.assessment.assess import _dates_of, assess_year
from pipelines.oversight.assessment.components import sum_components
from pipelines.past.past_run import find_run
from tests.oversight.accountability.year import AS_OF, PRIVATE, H

AT = datetime.fromisoformat("2021-01-08T10:00:00+08:00")
WEIGHTS = (
    '[[policy]]\nid = "ours"\nparameter = "assessment_weights"\nvalue = {}\nunit = "point"\njurisdiction = "3302"\n'
    'valid_from = 2020-01-01\ndocument_no = "本地"\nclause = "本地"\nmark = "S"\n'
)


@pytest.fixture(scope="module")
def assessed(engine, home):
    return {row["institution_code"]: row for row in assess_year(engine, home, None, 2020, at=AT).rows}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("commitments", 4),
        ("completed", 1),
        ("excused", 1),
        ("agreed_fen", 100_000),
        ("capped_fen", 77_500),
        ("excused_agreed_fen", 5_000),
        ("unvalued", 0),
        ("matured_fen", 30_000),
        ("on_time_fen", 6_000),
        ("excused_payment_fen", 8_000),
        ("matured_count", 6),
        ("on_time_count", 1),
        ("overdue_fen", 20_000),
        ("compliant_fen", 10_000),
        ("violation_fen", 10_000),
        ("unverifiable_fen", 10_000),
        ("exempt_fen", 10_000),
        ("completion_rate", 0.775),
        ("completion_rate_excused", 77_500 / 95_000),
        ("payment_rate", 0.2),
        ("payment_rate_excused", 6 / 22),
        ("two_invoice_rate", 0.5),
        ("score", 49.0),
        ("left_out", None),
        ("score_excused", float(40 * 0.775 / 0.95 + 40 * 6 / 22 + 10)),
        ("policy_id", "assessment_weights@CN@2000-01-01"),
        ("contract_performed", "no"),
        ("volume_completed", "no"),
        ("rational_use", "not_assessed"),
        ("budget_protection", "no"),
    ],
)
def test_raw_figures_rates_and_score_stand_side_by_side(assessed, column, value):
    found = assessed[H][column]
    assert found == (pytest.approx(value, abs=1e-9) if isinstance(value, float) else value)


def test_who_has_no_duty_is_shown_and_gets_no_score(assessed):
    row = assessed[PRIVATE]
    assert (row["duty"], row["commitments"], row["matured_fen"]) == ("voluntary", 1, 1_000)
    assert (row["payment_rate"], row["score"], row["budget_protection"]) == (0.0, None, "no")


def test_the_sums_are_those_of_the_published_rollup(engine, assessed):
    query = (
        "SELECT agreed_fen, capped_fen, commitments, completed FROM agreed_volume_rollup"
        f" WHERE level = 'institution' AND code = '{H}' AND phase = 'ended'"
    )
    with engine.connect() as connection:
        rollup = connection.execute(sa.text(query)).one()
    assert tuple(rollup) == tuple(assessed[H][c] for c in ("agreed_fen", "capped_fen", "commitments", "completed"))


@pytest.mark.parametrize(("since", "commitments"), [(date(2020, 6, 30), 4), (date(2020, 7, 1), 0)])
def test_a_commitment_counts_once_from_the_day_of_the_last_assessment(engine, home, since, commitments):
    with engine.connect() as connection:
        run = find_run(connection, home, None, as_of=AS_OF)
        found = {a.institution_code: a for a in sum_components(connection, run, 2020, since, "")}
    assert found[H].sums["completion"]["commitments"] == commitments


def test_another_year_of_months_counts_nowhere_but_in_what_is_overdue(engine, home):
    with engine.connect() as connection:
        run = find_run(connection, home, None, as_of=AS_OF)
        (found, _) = sum_components(connection, run, 2021, date(2020, 12, 31), "")
    paid, invoiced = found.sums["payment"], found.sums["two_invoice"]
    assert (paid["matured_fen"], invoiced["compliant_fen"], paid["overdue_fen"]) == (0, 0, 20_000)


@pytest.mark.parametrize(("month", "year"), [("2020-12", 2020), ("2021-12", 2021), ("2022-12", 2023), ("2023-01", 2023)])
def test_a_month_belongs_to_the_year_into_which_its_end_rolls(month, year):
    assert year_of(month) == year


def test_the_same_outcome_is_kept_once_and_another_beside_it(engine, home, assessed, tmp_path):
    again = assess_year(engine, home, None, 2020, at=AT)
    (tmp_path / "site.toml").write_text(WEIGHTS.format('["completion=100"]'), encoding="utf-8")
    other = assess_year(engine, home, tmp_path, 2020, at=AT)
    assert (again.is_new, other.is_new) == (False, True)
    with engine.connect() as connection:
        query = f"SELECT assessment_id, score FROM assessment_scores WHERE institution_code = '{H}'"
        kept = dict(tuple(row) for row in connection.execute(sa.text(query)))
    assert kept == {again.assessment_id: 49.0, other.assessment_id: 77.5}


def test_weights_add_up_to_a_hundred(engine, home, tmp_path):
    (tmp_path / "site.toml").write_text(WEIGHTS.format('["completion=60", "payment=30"]'), encoding="utf-8")
    with pytest.raises(UsageError, match="各项之和应为 100，现为 90"):
        assess_year(engine, home, tmp_path, 2020, at=AT)
    (tmp_path / "site.toml").write_text(WEIGHTS.format('["volume=100"]'), encoding="utf-8")
    with pytest.raises(UsageError, match='应如 "completion=40"'):
        assess_year(engine, home, tmp_path, 2020, at=AT)


def test_a_year_without_publication_cannot_be_assessed(engine, home):
    with pytest.raises(UsageError, match="2019 年没有发布过数字"):
        assess_year(engine, home, None, 2019, at=AT)


def test_the_dates_of_a_year(migrated_database_url):
    engine = open_database(migrated_database_url)
    days = (date(2018, 12, 31), date(2020, 11, 30), date(2020, 12, 30), date(2021, 6, 30))
    with engine.begin() as connection:
        rows = [{"as_of": day, "run_id": "R"} for day in days]
        connection.execute(sa.insert(METADATA.tables["publications"]), rows)
        assert _dates_of(connection, 2020) == (date(2020, 12, 30), date(2019, 12, 31))
        assert _dates_of(connection, 2021) == (date(2021, 6, 30), date(2020, 12, 30))
    engine.dispose()
