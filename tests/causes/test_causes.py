"""Every restated figure has its own cause; a night carried on to what would have been says what all of it computed anew says."""

import random
from collections import defaultdict
from datetime import date

import polars as pl
import pytest
import sqlalchemy as sa

from pipelines.causes import write_causes
from pipelines.database.open import open_database
from pipelines.engine import compute
from pipelines.lake import parts
from pipelines.lake.batches import last_batch
from pipelines.night import assemble
from pipelines.policy.kept import read_policies
from pipelines.publish.changes import UNEXPLAINED
from pipelines.rejects.decisions import write_decision
from pipelines.store import keys
from pipelines.store.local import Local
from tests.acceptance.night import compute_night
from tests.acceptance.test_carried_nights import add_night, land_in_nights
from tests.reference.worlds import random_world
from tests.reports.explained_nights import AS_OF, HEADS, Night, S, X, publish

pytestmark = pytest.mark.thorough

UNKNOWN_THEN = 'parameter = "payment_days_D30"'
HOSPITALS = [f"H3302820000{n}" for n in range(1, 7)]
SITE = """
[[policy]]
id = "seriously_behind_ratio@330282@2020-01-01"
parameter = "seriously_behind_ratio"
value = "0.05"
unit = "ratio"
jurisdiction = "330282"
valid_from = 2020-01-01
document_no = "本地"
clause = "本地"
mark = "S"
"""


def delivery(hospital, name, accepted, packs=10):
    return f"{hospital},{name},O,{S},{X},10,{packs},1.00,2020-01-01,{accepted},,"


class Restated:
    """Nights of one date, and what each restates."""

    def __init__(self, folder):
        self.night = Night(folder)

    def run(self, name, **datasets):
        return self.causes_of(self.night.run(name, **datasets))

    def causes_of(self, run_id):
        """(table, key of the row) → column → cause."""
        engine = open_database(f"sqlite:///{self.night.home / 'compliance.db'}")
        with engine.connect() as connection:
            query = sa.text("SELECT table_name, row_key, column_name, cause FROM restatements WHERE run_id = :run")
            rows = connection.execute(query, {"run": run_id}).all()
        engine.dispose()
        found = defaultdict(dict)
        for table, key, column, cause in rows:
            found[table, key][column] = cause
        return found

    def of_findings(self, found):
        """The same of findings by what they speak of."""
        engine = open_database(f"sqlite:///{self.night.home / 'compliance.db'}")
        with engine.connect() as connection:
            subjects = dict(connection.execute(sa.text("SELECT DISTINCT finding_id, subject_key FROM findings")).all())
        engine.dispose()
        return {subjects[key]: columns for (table, key), columns in found.items() if table == "findings" and key in subjects}


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """Six hospitals with a commitment and a delivery each: the first night of a date that will be restated."""
    nights = Restated(tmp_path_factory.mktemp("restated"))
    first = nights.run(
        "first.csv",
        institutions=[f"{h},某院,,330282,public" for h in HOSPITALS[1:]],
        selections=[f"L,I,{X},1.00,2020-01-01"],
        commitments=[f"C{n},L,I,{h},{X},1000,2020-01-01,2020-12-31" for n, h in enumerate(HOSPITALS, start=1)],
        deliveries=[delivery(h, "D", "2020-02-01") for h in HOSPITALS],
    )
    assert not first
    return nights


@pytest.fixture(scope="module")
def records_moved(nights):
    """Hospital 1 sends the same again, 2 corrects, 3 withdraws, 4 is late, 5 corrects and is late, 6 is silent."""
    second, third, fourth, fifth = HOSPITALS[1:5]
    head = f"{HEADS['deliveries']},is_withdrawn"
    path = nights.night.landing / "deliveries" / "withdrawn.csv"
    path.write_text(f"{head}\n{delivery(third, 'D', '2020-02-01')},1\n", encoding="utf-8")
    return nights.run(
        "second.csv",
        institutions=[f"{HOSPITALS[0]},改名医院,,330282,public"],
        deliveries=[
            delivery(HOSPITALS[0], "D", "2020-02-01"),
            delivery(second, "D", "2020-02-01", packs=8),
            delivery(fourth, "LATE", "2020-05-01"),
            delivery(fifth, "D", "2020-02-01", packs=8),
            delivery(fifth, "LATE", "2020-05-01"),
        ],
    )


def test_the_records_behind_a_figure_say_its_cause(records_moved):
    table = "agreed_volume_completion"
    found = {key: set(columns.values()) for (name, key), columns in records_moved.items() if name == table}
    assert found == {"C2": {"correction"}, "C3": {"withdrawal"}, "C4": {"late_record"}, "C5": {"correction"}}


def test_one_hospital_may_have_several(records_moved):
    months = {
        key.split("|")[3]: set(columns.values())
        for (name, key), columns in records_moved.items()
        if name == "payment_timeliness" and key.startswith(f"D30|{HOSPITALS[4]}")
    }
    assert months == {"2020-03": {"correction"}, "2020-05": {"late_record"}}


def test_sums_have_the_causes_of_what_they_sum(records_moved):
    causes = {key: set(columns.values()) for (name, key), columns in records_moved.items() if name == "agreed_volume_rollup"}
    of_level = {key.split("|")[0] + "|" + key.split("|")[1]: c for key, c in causes.items()}
    assert of_level[f"institution|{HOSPITALS[3]}"] == {"late_record"}
    assert of_level["item|L/I"] == of_level["all|all"] == {"withdrawal"}


def test_findings_have_the_causes_of_their_figures(nights, records_moved):
    found = nights.of_findings(records_moved)
    assert set(found["C2"].values()) == {"correction"} and set(found["C3"].values()) == {"withdrawal"}
    assert set(found[f"{HOSPITALS[3]}|{S}|2020-06"].values()) == {"late_record"}


@pytest.fixture
def site(nights, monkeypatch):
    """The site has policy rows of its own by now."""
    folder = nights.night.home.parent / "policies"
    folder.mkdir(exist_ok=True)
    (folder / "site.toml").write_text(SITE, encoding="utf-8")
    monkeypatch.setenv("VBP_POLICIES", str(folder))


def change_code(monkeypatch, version):
    """Let the nights that follow be another program's."""
    monkeypatch.setattr("pipelines.night.fingerprint._digest", lambda *_: version)


def test_records_policy_and_code_are_told_apart(nights, records_moved, site, monkeypatch):
    change_code(monkeypatch, "another")
    monkeypatch.setattr("pipelines.indicators.payment.indicator.percent", lambda rate: pl.lit("—"))
    found = nights.run("third.csv", deliveries=[delivery(HOSPITALS[0], "LATE", "2020-05-01")])
    completion = {key: columns for (name, key), columns in found.items() if name == "agreed_volume_completion"}
    assert completion["C"]["received_quantity"] == "late_record"
    assert completion["C"]["policy_id"] == "policy"
    assert set(completion["C6"].values()) == {"policy"}
    findings = nights.of_findings(found)
    assert findings[f"{HOSPITALS[5]}|{S}|2020-03"] == {"message_zh": "code"}
    assert findings[f"{HOSPITALS[0]}|{S}|2020-06"]["amount_fen"] == "late_record"


def test_code_alone(nights, site, monkeypatch):
    change_code(monkeypatch, "third")
    monkeypatch.setattr("pipelines.indicators.payment.indicator.percent", lambda rate: pl.lit("·"))
    found = nights.run("fourth.csv")
    assert {cause for columns in found.values() for cause in columns.values()} == {"code"}


def test_without_the_policies_of_then_policy_has_what_both_did(nights, site, monkeypatch):
    last = max(path.parent for path in (nights.night.home / "runs").glob("*/policies.json.gz"))
    (last / "policies.json.gz").unlink()
    path = nights.night.home.parent / "policies" / "site.toml"
    path.write_text(SITE.replace("0.05", "0.9"), encoding="utf-8")
    change_code(monkeypatch, "fifth")
    found = nights.run("fifth.csv", deliveries=[delivery(HOSPITALS[1], "LATE", "2020-05-01")])
    assert found["agreed_volume_completion", "C2"]["received_quantity"] == "late_record"
    causes = {cause for columns in found.values() for cause in columns.values()}
    assert causes == {"late_record", "policy"}


def test_an_upgrade_that_asks_for_parameters_of_its_own_is_code(nights, site, monkeypatch):
    last = nights.night.home / "runs" / nights.night.run("before.csv")
    kept = Local(last).read_json(keys.POLICIES)
    for name, text in kept["seeds"].items():
        rows = [row for row in text.split("[[policy]]") if UNKNOWN_THEN not in row]
        kept["seeds"][name] = "[[policy]]".join(rows)
    Local(last).put_json(keys.POLICIES, kept)
    engine = open_database(f"sqlite:///{nights.night.home / 'compliance.db'}")
    with engine.begin() as connection:
        digest = {"digest": read_policies(Local(last)).digest, "run": last.name}
        connection.execute(sa.text("UPDATE runs SET policy_digest = :digest WHERE run_id = :run"), digest)
    engine.dispose()
    change_code(monkeypatch, "sixth")
    monkeypatch.setattr("pipelines.indicators.payment.indicator.percent", lambda rate: pl.lit("+"))
    found = nights.run("sixth.csv")
    assert found and {cause for columns in found.values() for cause in columns.values()} == {"code"}


def test_a_row_is_late_when_it_is_waived_and_withdrawn_when_the_waiver_is_over(tmp_path):
    nights = Restated(tmp_path)
    odd = delivery(HOSPITALS[0], "ODD", "2020-02-01").replace(",10,10,1.00,", ",-1,10,1.00,")
    assert not nights.run("a.csv", deliveries=[odd])
    engine = open_database(f"sqlite:///{nights.night.home / 'compliance.db'}")
    with engine.connect() as connection:
        record = connection.execute(sa.text("SELECT record_id FROM rejected_records")).scalar_one()
    engine.dispose()
    until = AS_OF.isoformat()
    write_decision(Local(nights.night.home), "waive", [record], by="张三", until=until, note="已核实", at=until)
    waived = nights.run("a.csv")
    assert waived["agreed_volume_completion", "C"]["net_quantity"] == "late_record"
    nights.night.run(as_of=date(2021, 1, 31))
    over = nights.run("a.csv")
    assert {cause for columns in over.values() for cause in columns.values()} == {"withdrawal"}


@pytest.mark.parametrize("seed", range(700, 702))
def test_carrying_on_to_what_would_have_been_is_enough(seed, tmp_path, monkeypatch):
    """Random records are withdrawn, corrected, late; code is another too, so that all of them are undone."""
    monkeypatch.setattr(parts, "_ROWS", 20)
    monkeypatch.setattr("pipelines.engine.carry._Delta.is_large", lambda *_: False)
    rng = random.Random(seed)
    records, as_of = random_world(seed)
    land_in_nights(records, tmp_path / "all", rng, 3)
    gone = {d: rng.sample(records[d], 3) for d in ("deliveries", "invoices", "payments") if len(records[d]) > 9}
    gone["excuses"] = records["excuses"][:1]
    for dataset, rows in gone.items():
        path = tmp_path / "all" / "night2" / dataset / "zz.csv"
        path.parent.mkdir(exist_ok=True)
        texts = [{k: str(v or "") for k, v in row.items()} | {"is_withdrawn": "1"} for row in rows]
        pl.DataFrame(texts).write_csv(path)
    add_night(tmp_path / "all", tmp_path / "landing", 0)
    publish(compute_night(tmp_path / "landing", tmp_path / "home", as_of))
    for number in (1, 2):
        add_night(tmp_path / "all", tmp_path / "landing", number)
    with monkeypatch.context() as patched:  # causes are asked for below, of another code
        patched.setattr(assemble, "write_causes", lambda *_: UNEXPLAINED)
        run = compute_night(tmp_path / "landing", tmp_path / "home", as_of)
    engine = open_database(run.database_url)
    now, found, carried, carry = run.figures.fingerprints, [], [], compute.carry
    of_other_code = {code: noted.model_copy(update={"code": "another"}) for code, noted in now.items()}
    for carry_on in (lambda *given: carried.append(carry(*given)) or carried[-1], lambda *_: None):
        monkeypatch.setattr(compute, "carry", carry_on)
        causes = write_causes(run, engine, last_batch(run.home), of_other_code)
        cells = causes.cells.scan().collect()
        found.append(cells.sort(cells.columns))
    engine.dispose()
    assert causes.rest == "code" and any(carried)
    assert set(found[0]["cause"]) == {"withdrawal", "correction", "late_record"}
    assert found[0].equals(found[1])
