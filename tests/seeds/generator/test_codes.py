"""Codes are what rulebook §10 says they are."""

import re

import numpy as np
import polars as pl
from stdnum.cn import uscc

from seeds.generator.invoice_numbers import COMPANY, HOSPITAL, spell_invoice_keys
from seeds.generator.market.credit_codes import make_credit_codes
from seeds.generator.spelling import NO_DAY, spell_days, spell_fen, spell_prices

PRODUCT = re.compile(
    r"X[A-Z]\d{2}[A-Z]{2}[A-Z]\d{3}[A-Z]\d{3}\d{2}\d{2}\d{5}|Z[A-Z]\d{2}[A-Z]{2}[A-Z]\d{4}\d{2}\d{2}\d{5}|C\d{19}"
)


def test_credit_codes_are_valid_and_distinct():
    serials = np.arange(5_000)
    codes = make_credit_codes("91", np.full(5_000, 330282), serials)
    assert all(uscc.is_valid(code) for code in codes)
    assert len(set(codes)) == 5_000


def test_every_code_of_the_zone_has_its_form(zone):
    accepted = zone.accepted
    assert all(PRODUCT.fullmatch(code) for code in accepted["products"]["product_code"])
    assert all(re.fullmatch(r"[HP]\d{11}", code) for code in accepted["institutions"]["institution_code"])
    companies = accepted["enterprises"].filter(~pl.col("enterprise_code").str.starts_with("FOREIGN-"))
    assert all(uscc.is_valid(code) for code in companies["enterprise_code"])
    assert all(uscc.is_valid(code) for code in accepted["institutions"]["uscc"].drop_nulls())


def test_invoice_keys_have_both_forms():
    codes, numbers = spell_invoice_keys(HOSPITAL, 4, np.array([0, 9, 12]), np.array([False, True, True]))
    assert codes.to_list() == ["3300000040", None, None]
    assert numbers.to_list() == ["00000000", "20330000400000000091", "20330000400000000124"]


def test_invoice_keys_differ_between_kinds():
    electronic = np.array([False, True])
    keys = [list(zip(*spell_invoice_keys(kind, 0, np.arange(2), electronic), strict=True)) for kind in (HOSPITAL, COMPANY)]
    assert not set(keys[0]) & set(keys[1])


def test_amounts_prices_and_days_are_spelt_exactly():
    assert spell_fen(np.array([5, -12_345, 0])).to_list() == ["0.05", "-123.45", "0.00"]
    assert spell_prices(np.array([66_000, 12_345])).to_list() == ["6.60", "1.2345"]
    assert spell_days(np.array([-1, 0, 365, NO_DAY])).to_list() == ["2019-12-31", "2020-01-01", "2020-12-31", None]
