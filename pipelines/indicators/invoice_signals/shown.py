"""How people are shown the further two-invoice signals: row by row, for amounts of different signals are never added up."""

from pipelines.indicators.invoice_signals import circles, deemed
from schemas.shown import Sheet, Shown

_TABLE = "invoice_signals"
_NOTE = (
    "线索只供核查，不是结论；每条线索的算法、不计入的情形和核对办法见说明卡。",
    "Signals are to be looked into and are no verdicts; the card says how each is made and what is left out.",
)
_ROWS = Sheet(
    "invoice_signals",
    _TABLE,
    ("两票制其他线索", "Further two-invoice signals"),
    ("signal", "counterparty_code", "amount_fen", "quantity", "rate", "subject_key"),
    order=("signal", "-amount_fen", "-quantity", "subject_key"),
    levels=("institution",),
    has_filter=True,
    note=_NOTE,
)
_OF_COMPANIES = Sheet(
    "invoice_signals_of_companies",
    _TABLE,
    ("两票制其他线索（只涉及企业）", "Further two-invoice signals of companies alone"),
    _ROWS.columns,
    where={"signal": (circles.SIGNAL, deemed.SIGNAL)},
    order=_ROWS.order,
    levels=("all",),
    has_filter=True,
    note=_NOTE,
)

SHOWN = Shown(
    titles=("两票制其他线索", "Further two-invoice signals"),
    headlines=(),
    sections=(),
    sheets=(_ROWS, _ROWS.seen_from("enterprise", "counterparty_code"), _OF_COMPANIES),
)
