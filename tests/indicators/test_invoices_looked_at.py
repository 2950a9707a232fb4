"""Which invoices can give a signal does not hang on how many of their numbers are gone through at a time."""

import polars as pl
import pytest

from pipelines.engine.indicator import Inputs
from pipelines.indicators.invoice_signals import numbers
from pipelines.indicators.invoice_signals.said import INVOICE
from tests.indicators.records import POLICIES, write_records
from tests.reference.worlds import random_world


@pytest.mark.parametrize("seed", range(3))
def test_a_share_of_the_numbers_at_a_time_finds_what_all_at_once_do(seed, tmp_path, monkeypatch):
    world, as_of = random_world(seed)
    inputs = Inputs(write_records(world, tmp_path), as_of, POLICIES)
    at_once = numbers.invoices_to_look_at(inputs)
    monkeypatch.setattr(numbers, "_AT_ONCE", 3)
    assert inputs.scan("invoices").select(pl.len()).collect().item() > 3 and at_once.height
    assert numbers.invoices_to_look_at(inputs).sort(INVOICE).equals(at_once.sort(INVOICE))
