"""The gates on what came in at all: nothing ever, or nothing while files wait."""

import json

import pytest

from tests.audit.gates import D, audited, day, file, message

WAITS = file("deliveries/late.csv.part", 0) | {"status": "waiting"}
CAME = file("deliveries", 9) | {"status": "accepted"}
REFUSED = file("payments", 0) | {"status": "failed"}
REJECTED = file("returns", 2, rejected=2) | {"status": "accepted"}
KNOWN = file("lots", 0) | {"status": "skipped"}


@pytest.mark.parametrize(
    ("files", "ever", "waiting"),
    [
        ([], "failed", "not_applicable"),
        ([REFUSED], "failed", "not_applicable"),
        ([REJECTED], "failed", "not_applicable"),
        ([WAITS], "failed", "failed"),
        ([WAITS, REFUSED, KNOWN], "failed", "failed"),
        ([CAME], "passed", "not_applicable"),
        ([CAME, WAITS], "passed", "passed"),
    ],
)
def test_a_first_night_that_accepts_nothing_is_held(nights, files, ever, waiting):
    rows = audited(nights, D, source_files=files)
    assert (rows["intake.ever"]["status"], rows["intake.waiting"]["status"]) == (ever, waiting)


@pytest.mark.parametrize(
    ("files", "waiting"), [([], "not_applicable"), ([KNOWN], "not_applicable"), ([KNOWN, WAITS], "failed")]
)
def test_a_later_quiet_night_is_held_only_while_files_wait(nights, files, waiting):
    nights.run("R1", day(1), source_files=[CAME])
    rows = audited(nights, D, source_files=files)
    assert (rows["intake.ever"]["status"], rows["intake.waiting"]["status"]) == ("passed", waiting)


def test_it_names_the_files_and_the_remedy(nights):
    row = audited(nights, D, source_files=[WAITS])["intake.waiting"]
    assert json.loads(row["details"])["examples"] == [{"path": "deliveries/late.csv.part"}]
    assert "VBP_SETTLE_SECONDS" in message(row) and "重新运行" in message(row)
