"""An indicator is computed anew where what it rests on moved, and by nothing else that changes."""

import random
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.engine import carry
from pipelines.engine.compute import units_recomputed
from pipelines.indicators import all_indicators
from pipelines.night import fingerprint as module
from pipelines.night.fingerprint import fingerprint
from pipelines.policy.policies import load_policies
from tests.acceptance.night import compute_night, digest
from tests.acceptance.test_carried_nights import publish, shown
from tests.reference.worlds import random_world, write_landing

DAY = date(2020, 6, 30)
CODES = list(all_indicators())
ONE, *OTHERS = CODES


@pytest.fixture
def sources(tmp_path, monkeypatch):
    """A copy of the sources that the fingerprint reads, in a folder whose name says nothing of them."""
    for top in ("pipelines", "schemas"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(module._ROOT / top, tmp_path / "explain" / top, ignore=ignored)
    monkeypatch.setattr(module, "_ROOT", tmp_path / "explain")
    module._digest.cache_clear()
    yield tmp_path / "explain"
    module._digest.cache_clear()


def taken(policies=None, day=DAY):
    module._digest.cache_clear()
    return {code: fingerprint(i, policies or load_policies(), day) for code, i in all_indicators().items()}


def moved(before, after):
    return {code for code in CODES if before[code] != after[code]}


FOLDER = Path(module.__file__).parents[1] / "indicators"
USERS = {
    ONE,
    *(p.relative_to(FOLDER).parts[0] for p in FOLDER.glob("*/**/*.py") if f"indicators.{ONE}." in p.read_text("utf-8")),
}
READERS = {code for code, own in all_indicators().items() if any("payments" in i.reads for i in (own, *own.rests_on))}


@pytest.mark.parametrize(
    ("changed", "who"),
    [
        (f"pipelines/indicators/{ONE}/declaration.py", USERS),
        (f"pipelines/indicators/{ONE}/of_later.py", USERS),
        (f"pipelines/indicators/{ONE}/shown.py", set()),
        (f"pipelines/indicators/{ONE}/explain/__init__.py", set()),
        ("schemas/shown.py", set()),
        ("pipelines/engine/add_up.py", set(CODES)),
        ("pipelines/lake/current.py", set(CODES)),
        ("schemas/table.py", set(CODES)),
        ("schemas/reports/findings.py", set(CODES)),
        ("schemas/records/model.py", set(CODES)),
        ("schemas/records/payments.py", READERS),
        ("pipelines/reports/pages/words.py", set()),
        ("pipelines/settle/settle.py", set()),
        (f"pipelines/indicators/{ONE}/card.md", set()),
    ],
)
def test_a_file_moves_the_indicators_that_rest_on_it(changed, who, sources):
    before = taken()
    with (sources / changed).open("a", encoding="utf-8") as file:
        file.write("# another\n")
    assert moved(before, taken()) == who


def write_row(folder: Path, since: date, parameter="seriously_behind_ratio", value='"0.05"', more="", unit="ratio"):
    folder.mkdir(exist_ok=True)
    (folder / "site.toml").write_text(
        f'[[policy]]\nid = "SITE"\nparameter = "{parameter}"\nvalue = {value}\nunit = "{unit}"\njurisdiction = "33"\n'
        f'valid_from = {since}\n{more}document_no = "某文"\nclause = "某条"\nmark = "S"\n',
        encoding="utf-8",
    )
    return folder


@pytest.mark.parametrize(
    ("days", "more", "moves"), [(0, "", True), (1, "", False), (-9, f"valid_to = {DAY - timedelta(days=1)}\n", True)]
)
def test_a_policy_row_moves_its_own_indicators_from_its_first_day(days, more, moves, tmp_path):
    own = {c for c, i in all_indicators().items() if "seriously_behind_ratio" in i.resolved}
    after = taken(load_policies(write_row(tmp_path / "site", DAY + timedelta(days=days), more=more)))
    assert own and moved(taken(), after) == (own if moves else set())


def test_a_row_that_begins_later_in_the_month_moves_figures_that_ask_for_its_last_day(tmp_path):
    day = DAY - timedelta(days=20)
    after = taken(load_policies(write_row(tmp_path / "site", DAY, "pack_price_method", '"unit"', unit="code")), day)
    assert moved(taken(day=day), after) == {"price_compliance"}


def test_a_row_that_begins_after_the_month_moves_what_is_asked_ahead(tmp_path):
    begins = DAY + timedelta(days=400)
    after = taken(load_policies(write_row(tmp_path / "site", begins, "prepayment_programs", '["national"]', unit="code")))
    assert moved(taken(), after) == {"prepayment"}


def test_an_end_that_is_to_come_moves_nothing(tmp_path):
    open_end = taken(load_policies(write_row(tmp_path / "a", DAY)))
    to_come = taken(load_policies(write_row(tmp_path / "b", DAY, more=f"valid_to = {DAY}\n")))
    assert moved(open_end, to_come) == set()


class Home:
    """Nights of one landing zone, each against a night from nothing."""

    def __init__(self, folder):
        self.folder = folder
        records, self.last_day = random_world(7)
        write_landing(records, folder / "landing", random.Random(7))

    def anew(self, name, as_of=None):
        """The indicators that a night computes whole; it is published, and what it shows is what it would from nothing."""
        day = as_of or self.last_day
        run, fresh = (compute_night(self.folder / "landing", self.folder / h, day) for h in ("home", name))
        assert digest(run) == digest(fresh)
        publish(run)
        publish(fresh)
        assert shown(run) == shown(fresh)
        return {c for c in CODES if units_recomputed(c, run.store) is None}


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(carry._Delta, "is_large", lambda *_: False)
    return Home(tmp_path)


@pytest.fixture
def another_code(monkeypatch):
    """Let an indicator be that of another program from now on, whose findings say something else."""
    known = module._digest

    def change(code):
        own = all_indicators()[code]
        other = replace(own, findings=lambda *a: own.findings(*a).with_columns(message_zh=pl.lit("—")))
        monkeypatch.setitem(all_indicators(), code, other)
        monkeypatch.setattr(module, "_digest", lambda c, reads: "another" if c == code else known(c, reads))

    return change


@pytest.mark.thorough
def test_a_night_computes_anew_the_indicator_whose_code_moved(home, another_code):
    code = CODES[-1]
    assert home.anew("first") == set(CODES)
    assert home.anew("second") == set()
    another_code(code)
    assert home.anew("third") == {code}
    assert home.anew("fourth") == set()


@pytest.mark.thorough
def test_a_day_on_which_a_policy_row_begins_computes_its_indicators_alone(home, monkeypatch, tmp_path):
    begins = home.last_day
    monkeypatch.setenv("VBP_POLICIES", str(write_row(tmp_path / "site", begins)))
    own = {c for c, i in all_indicators().items() if "seriously_behind_ratio" in i.resolved}
    home.anew("first", begins - timedelta(days=2))
    assert home.anew("second", begins - timedelta(days=1)) == set()
    assert home.anew("third", begins) == own
    write_row(tmp_path / "site", begins, value='"0.1"')
    assert home.anew("fourth", begins) == own
