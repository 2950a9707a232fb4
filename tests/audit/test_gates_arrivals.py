"""The gate on silent sources: known by three published dates, silent for more days than the calendar allows."""

import pytest

from pipelines.audit.gates import resolve_limits
from pipelines.audit.great_expectations import AuditLimits
from pipelines.policy.policies import load_policies
from pipelines.publish.swap import begin, hold
from schemas.policies import PARAMETERS
from tests.audit.gates import D, audited, day, file, message

CIXI = "deliveries/cixi/a.csv"


def came(nights, *days_before, path=CIXI, rows=5, **shape):
    """Publish runs of these days before D, each with the file."""
    for n in sorted(days_before, reverse=True):
        nights.run(f"R{n}", day(n), source_files=[file(path, rows, **shape)])


def status(rows, source="deliveries/cixi"):
    return rows[f"arrival.{source}"]["status"]


@pytest.mark.parametrize(("silent", "outcome"), [(45, "passed"), (46, "failed")])
def test_a_source_may_be_silent_for_45_days(nights, silent, outcome):
    came(nights, silent + 2, silent + 1, silent)
    assert status(audited(nights, D)) == outcome


def test_the_message_names_days_date_limit_and_remedy(nights):
    came(nights, 52, 51, 50)
    said = message(audited(nights, D)["arrival.deliveries/cixi"])
    for part in ("deliveries/cixi 已 50 天", str(day(50)), "上限 45 天", "gate_arrival_calendar"):
        assert part in said


def test_a_source_that_came_tonight_is_not_silent(nights):
    came(nights, 80, 70, 60)
    assert status(audited(nights, D, source_files=[file(CIXI, 1)])) == "passed"


def test_a_file_rejected_to_the_last_row_has_not_come(nights):
    came(nights, 80, 70, 60)
    assert status(audited(nights, D, source_files=[file(CIXI, 3, rejected=3)])) == "failed"


def test_two_dates_are_no_history(nights):
    came(nights, 61, 60)
    assert status(audited(nights, D)) == "not_applicable"


def test_runs_of_one_date_are_one_date(nights):
    came(nights, 60)
    for again in ("AGAIN1", "AGAIN2"):
        nights.run(again, day(60), source_files=[file(CIXI, 5)])
    assert status(audited(nights, D)) == "not_applicable"


def test_a_held_run_is_no_arrival(nights):
    came(nights, 61, 60)
    run = nights.row("HELD", day(59))
    begin(nights.engine, run)
    nights.stage("HELD", day(59), source_files=[file(CIXI, 5)])
    hold(nights.engine, run, None, [])
    assert status(audited(nights, D)) == "not_applicable"


def test_a_night_without_anything_known_has_no_arrival_gate(nights):
    assert not [name for name in audited(nights, D) if name.startswith("arrival.")]


def test_a_source_is_forgotten_after_400_days(nights):
    came(nights, 420, 410, 401)
    assert "arrival.deliveries/cixi" not in audited(nights, D)


def test_a_later_publication_says_nothing_about_an_earlier_date(nights):
    came(nights, 62, 61, 60, 0)
    assert status(audited(nights, day(5))) == "failed"


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("deliveries/a.csv", "deliveries"),
        ("deliveries/宁波 市/慈溪's{1}:%/a.csv", "deliveries/宁波 市/慈溪's{1}:%"),
        ("deliveries/cixi/2020-10/01/a.csv", "deliveries/cixi"),
        ("deliveries/202010/cixi/a.csv", "deliveries"),
        ("deliveries/330282/a.csv", "deliveries/330282"),
    ],
)
def test_folders_name_the_sender_but_for_dates(nights, path, source):
    came(nights, 60, 59, 58, path=path)
    assert status(audited(nights, D), source) == "failed"


@pytest.mark.parametrize(("days", "outcome"), [(6, "failed"), (7, "passed"), (9999, "passed")])
def test_a_site_may_set_the_days_of_a_source(nights, days, outcome):
    came(nights, 7)
    limits = AuditLimits(arrival_calendar={"deliveries/cixi": days})
    assert status(audited(nights, D, limits)) == outcome


def test_a_source_of_the_calendar_that_never_came_is_told_and_holds_nothing(nights):
    rows = audited(nights, D, AuditLimits(arrival_calendar={"deliveries/nobody": 7}))
    assert status(rows, "deliveries/nobody") == "not_applicable"
    assert "gate_arrival_calendar" in message(rows["arrival.deliveries/nobody"])


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        (["deliveries/宁波 市/cixi=7", "payments=0"], None),
        (["deliveries/cixi:7"], "deliveries/cixi:7 写法不对"),
        (["deliveries/cixi=week"], "写法不对"),
        (["/cixi=7"], "写法不对"),
        (["deliveries/cixi=7", "deliveries/cixi=9"], "deliveries/cixi 出现不止一次"),
    ],
)
def test_a_calendar_entry_is_a_source_and_its_days(entries, fault):
    found = PARAMETERS["gate_arrival_calendar"].explain_fault(entries)
    assert found is None if fault is None else fault in found


def test_the_calendar_of_a_site_is_read(tmp_path):
    row = (
        '[[policy]]\nid = "ours"\nparameter = "gate_arrival_calendar"\nvalue = ["deliveries/cixi=7"]\nunit = "text"\n'
        'jurisdiction = ""\nvalid_from = 2020-01-01\ndocument_no = "本地"\nclause = "每周报送"\nmark = "D"\n'
    )
    (tmp_path / "site.toml").write_text(row, encoding="utf-8")
    assert resolve_limits(load_policies(tmp_path), D).arrival_calendar == {"deliveries/cixi": 7}
