"""The sample shows everything: a row in every table of figures, every status, every kind of finding."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from pipelines.database.open import open_database
from pipelines.night.run import do_steps
from pipelines.night.steps import begin
from pipelines.settings import Settings
from schemas.declared import RULES
from schemas.reports import REPORTS
from seeds.sample_maker.sample import SAMPLE
from tests.sample_home import AS_OF, sample_home

FIGURES = {name: table for name, table in REPORTS.items() if table.figure}
OF_HISTORY = {"restatements"}
SAID_WHOLE = ("status", "level", "basis", "role")  # columns of which every word shall occur
TOO_LARGE = {"over_1000m", "over_500m"}  # groups that sell for hundreds of millions of yuan
# rule → a parameter that no text fixes where the sample lies, its value and unit
NEEDS_A_SITE_POLICY: dict[str, tuple[str, int | str | list[str], str]] = {
    "prepayment_not_settled": ("prepayment_settle_days", 5, "working_day"),
    "emergency_often": ("emergency_limit", "0.05", "ratio"),
    "essential_share_low": ("essential_share_min", ["tertiary=30", "secondary=45", "primary=60"], "percent"),
    "essential_products_low": ("essential_products_min", ["tertiary=40", "secondary=50", "primary=60"], "percent"),
    "insured_products_low": ("insured_products_min", ["tertiary=80", "secondary=90", "primary=95"], "percent"),
    "monitored_growth_high": ("monitored_growth_limit", "0.2", "ratio"),
    "use_surge": ("surge_ratio", "2", "ratio"),
    "sole_distributor": ("sole_distributor_share", "0.9", "ratio"),
    "price_changes_often": ("price_changes_max", 3, "changes"),
    "price_rise": ("price_rise_limit", "0.3", "ratio"),
    "price_above_peers": ("peer_limit", "0.3", "ratio"),
    "invoice_chain_markup": ("chain_markup_limit", "0.05", "ratio"),
}
# what shares of a surplus may be kept: no text fixes them where the sample lies, either
SURPLUS_STEPS = ("surplus_ratio", ["65=40", "80=50"], "percent")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    yield from open_tables(sample_home(tmp_path_factory)[1])


@pytest.fixture(scope="module")
def published_at_a_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Connection]:
    """The same night where a site has said what no text says."""
    rows = [
        f"""[[policy]]
id = "{parameter}@site"
parameter = "{parameter}"
value = {json.dumps(value)}
unit = "{unit}"
jurisdiction = ""
valid_from = 2000-01-01
document_no = "（本地文号）"
clause = "（条款原文）"
mark = "S"
"""
        for parameter, value, unit in (*NEEDS_A_SITE_POLICY.values(), SURPLUS_STEPS)
    ]
    policies = tmp_path_factory.mktemp("policies")
    (policies / "site.toml").write_text("\n".join(rows), encoding="utf-8")
    home = tmp_path_factory.mktemp("site")
    settings = Settings(home=home, landing=SAMPLE, database="", policies=policies, settle_seconds=0)
    assert do_steps(begin(settings, AS_OF), lambda _: None) == "published"
    yield from open_tables(settings)


def open_tables(settings: Settings) -> Iterator[sa.Connection]:
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def values_of(connection: sa.Connection, table: str, column: str) -> set[str]:
    return set(connection.execute(sa.text(f"SELECT DISTINCT {column} FROM {table}")).scalars())


@pytest.mark.parametrize("table", sorted(set(FIGURES) - OF_HISTORY))
def test_every_table_has_rows(published, table):
    assert published.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one() > 0


WORDS_OF = [(name, c) for name, table in sorted(FIGURES.items()) for c in table.columns if c.name in SAID_WHOLE and c.values]


@pytest.mark.parametrize(("table", "column"), WORDS_OF, ids=[f"{name}-{column.name}" for name, column in WORDS_OF])
def test_every_word_of_a_status_occurs(published, published_at_a_site, table, column):
    said = values_of(published, table, column.name) | values_of(published_at_a_site, table, column.name)
    assert said >= set(column.values)


@pytest.mark.parametrize("table", sorted(set(FIGURES) - OF_HISTORY - {"findings"}))
def test_no_number_is_nothing_everywhere(published, published_at_a_site, table):
    numbers = [c.name for c in FIGURES[table].columns if c.unit and c.name not in FIGURES[table].key]
    some = sa.text(f"SELECT {', '.join(f'max(CASE WHEN {n} <> 0 THEN 1 ELSE 0 END) AS {n}' for n in numbers)} FROM {table}")
    nights = [night.execute(some).mappings().one() for night in (published, published_at_a_site) if numbers]
    assert {name for name in numbers if not any(night[name] for night in nights)} <= TOO_LARGE


def test_every_kind_of_finding_occurs(published):
    assert values_of(published, "findings", "rule_code") == set(RULES) - set(NEEDS_A_SITE_POLICY)


@pytest.mark.thorough
def test_what_needs_a_site_policy_occurs_with_one(published_at_a_site):
    assert values_of(published_at_a_site, "findings", "rule_code") == set(RULES)


def test_a_markup_has_a_rate_with_a_limit(published_at_a_site):
    assert published_at_a_site.execute(sa.text("SELECT max(rate) FROM invoice_signals")).scalar_one() > 0.05


def test_an_agency_is_late_by_law_here_and_by_our_default_there(published):
    of_rule = "(SELECT severity FROM findings WHERE rule_code = 'prepayment_overdue') AS found"
    assert values_of(published, of_rule, "severity") == {"violation", "warning"}
