"""A signal led back to its records: which of them it hangs on, and its calculation (obligations §29)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from pipelines.engine.explained_rows import codes
from pipelines.engine.explanation import Explain, Explained, Explanation, Key, Record, Scope, Step, Versions
from pipelines.engine.indicator import Inputs
from pipelines.engine.links import run_once
from pipelines.indicators.invoice_signals import circles, deemed, markups, paid, payees, reused, short
from pipelines.indicators.invoice_signals.declaration import TABLE
from pipelines.indicators.invoice_signals.explain.of_companies import tell_circle, tell_deemed, tell_markup
from pipelines.indicators.invoice_signals.explain.of_numbers import tell_paid, tell_payee, tell_reused, tell_short
from pipelines.indicators.invoice_signals.explain.records import Told
from pipelines.indicators.invoice_signals.indicator import INDICATOR

_NUMBER = ("invoice_code", "invoice_no")
_KEYS: Mapping[str, tuple[str, ...]] = {
    reused.SIGNAL: _NUMBER,
    circles.SIGNAL: ("product_code", "batch_no", "seller_code", "buyer_code"),
    markups.SIGNAL: (*_NUMBER, "line_no"),
    payees.SIGNAL: ("institution_code", "payment_id", "line_no"),
    paid.SIGNAL: _NUMBER,
    short.SIGNAL: ("institution_code", *_NUMBER, "product_code"),
    deemed.SIGNAL: deemed.UNIT,
}
"""What the subject of each signal is made of."""

_TELL: Mapping[str, Callable[[Record, Inputs], Told]] = {
    reused.SIGNAL: tell_reused,
    circles.SIGNAL: tell_circle,
    markups.SIGNAL: tell_markup,
    payees.SIGNAL: tell_payee,
    paid.SIGNAL: tell_paid,
    short.SIGNAL: tell_short,
    deemed.SIGNAL: tell_deemed,
}

_NO_RATE = Step("rate", "加价率：只有流通环节加价的线索才有", "不适用", None)


def _read_subject(key: Key) -> dict[str, str]:
    """What the subject names; nothing where it is no such subject."""
    columns, parts = _KEYS.get(key["signal"], ()), key["subject_key"].split("|")
    return dict(zip(columns, parts, strict=True)) if len(columns) == len(parts) else {}


def _scope(key: Key, versions: Versions) -> Scope:
    """The products under the number, or of the batch; and who received or paid under the number, in any version."""
    named = _read_subject(key)
    if key["signal"] == circles.SIGNAL:
        return Scope(products=codes(named.get("product_code")))
    if "payment_id" in named:
        is_line = [pl.col(c).cast(pl.String) == named[c] for c in _KEYS[payees.SIGNAL]]
        numbers = versions("payments").filter(is_line).select(pl.col("invoice_no").drop_nulls()).collect().to_series()
    else:
        numbers = pl.Series("invoice_no", [named["invoice_no"]] if "invoice_no" in named else [], dtype=pl.String)
    is_meant = pl.col("invoice_no").is_in(numbers.implode())
    is_red = pl.col("red_of_invoice_no").is_in(numbers.implode())
    products = versions("invoices").filter(is_meant | is_red).select(pl.col("product_code").unique()).collect().to_series()
    institutions = [
        *versions("deliveries").filter(is_meant).select("institution_code").collect().to_series(),
        *versions("payments").filter(is_meant).select("institution_code").collect().to_series(),
    ]
    return Scope(frozenset(institutions), frozenset(products))


def _open(inputs: Inputs) -> Explain:
    """What the indicator makes of the records at hand, with the sums that it rests on."""
    for other in INDICATOR.rests_on:
        inputs = inputs.with_frames(INDICATOR.linked_of(other, run_once(other, inputs)[1]))
    sums = run_once(INDICATOR, inputs)[1]

    def explain(key: Key) -> Explanation | None:
        named = _read_subject(key)
        if not named:
            return None
        rows = sums[key["signal"]].filter(pl.col(c).cast(pl.String) == value for c, value in named.items()).to_dicts()
        return _explain(_TELL[key["signal"]](rows[0], inputs), rows[0]) if rows else None

    return explain


def _explain(told: Told, row: Record) -> Explanation:
    number = codes(row.get("invoice_no"))
    batch = {column: codes(row.get(column)) for column in ("product_code", "seller_code")}
    return Explanation(
        steps=(*told.steps, *(() if any(step.column == "rate" for step in told.steps) else (_NO_RATE,))),
        policies=tuple(told.policies),
        lines=tuple(told.lines),
        left_out=tuple(told.left_out),
        notes=(*told.notes, "线索只供核查，不是结论。"),
        concerned=(
            *((dataset, {"invoice_no": number}) for dataset in ("invoices", "deliveries", "payments") if number),
            *((("invoices", batch),) if not number and all(batch.values()) else ()),
        ),
    )


EXPLAINED = Explained(
    table=TABLE.name,
    indicator=INDICATOR.code,
    open=_open,
    scope=_scope,
    lists=dict.fromkeys(("invoices", "deliveries", "payments", "deemed_manufacturers"), ()),
)
