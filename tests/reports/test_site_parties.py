"""Pages of products and of companies, and institutions beside each other."""

import json

from tests.reports.mornings import MONDAY, cells
from tests.reports.sites import CLINIC, HOSPITAL


def compared(site, *path):
    text = site.home.joinpath("site", *path, "compared.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("window.vbpCompared = ").removesuffix(";\n"))


def add_finding(site, counterparty):
    facts = {"finding_id": "F", "rule_code": "payment_overdue", "severity": "violation", "state": "open"}
    site.figure("findings", MONDAY, institution_code=CLINIC, counterparty_code=counterparty, **facts)


def test_a_company_has_a_page_with_who_owes_it_and_what_was_found(site):
    add_finding(site, "S1")
    site.run("again", MONDAY)
    site.write()
    page = site.page_of("enterprise", "S1")
    assert "<h1>某医药公司</h1>" in page
    owing = cells(page, "suppliers_of_enterprise")[1:]
    assert sorted(row[0] for row in owing) == [CLINIC, f"慈溪某医院 {HOSPITAL}"]
    assert {row[3] for row in owing} == {"200.00"}
    assert [row[5] for row in cells(page, "findings")[1:]] == [CLINIC]
    assert cells(site.page_of("enterprises"), "enterprises")[1][0] == "某医药公司 S1"
    assert 'href="../../enterprise/S1/index.html"' in site.page_of("institution", HOSPITAL)


def test_a_product_has_a_page_with_each_row_that_names_it(site):
    site.figure("stock_gap", MONDAY, institution_code=HOSPITAL, jurisdiction_code="330282", product_code="X/1", gap_units=-3.0)
    site.add("product_names", product_code="X/1", generic_name="某片", strength="5mg", min_unit="片")
    site.run("again", MONDAY)
    site.write()
    page = site.page_of("product", "X%2F1")
    assert "<h1>某片 5mg</h1>" in page and 'data-figure="findings"' not in page
    assert cells(page, "stock_gap_of_product")[1][0] == f"慈溪某医院 {HOSPITAL}"
    assert cells(site.page_of("products"), "products")[1][0] == "某片 5mg X/1"


def test_whom_only_a_finding_names_has_no_page(site):
    add_finding(site, "AGENCY")
    site.run("again", MONDAY)
    site.write()
    assert not (site.home / "site" / "enterprise" / "AGENCY").exists()


def test_institutions_of_a_division_are_compared_once_for_all_of_them(site):
    other = "H33028200002"
    site.add_figures(other, MONDAY, on_time_fen=300_00)
    site.run("again", MONDAY)
    site.write()
    found = compared(site, "jurisdiction", "330282")
    at = 2 + [zh for zh, _ in found["shares"]].index("按金额支付及时率")
    assert {row[0]: row[at] for row in found["rows"]} == {HOSPITAL: 0.333333, other: 1.0}
    own = site.page_of("institution", HOSPITAL)
    assert '<script src="../../jurisdiction/330282/compared.js">' in own and f'"compared": {{"own": "{HOSPITAL}"}}' in own
    assert "compared.js" not in site.page_of("institution", CLINIC)
    assert not (site.home / "site" / "jurisdiction" / "371500" / "compared.js").exists()
