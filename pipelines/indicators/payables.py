"""Payables: what an institution owes its supplier for accepted goods, until when, and under which rule
(rulebook §5).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from pipelines.calendar import working_days
from pipelines.indicators.figures import round_half_up, scaled
from pipelines.indicators.indicator import Inputs
from pipelines.indicators.look_up import look_up
from pipelines.indicators.order import in_order

RULES = ("D30", "EONM", "D60")
PARTY = ["institution_code", "distributor_code"]
_DELIVERY = ["institution_code", "delivery_id"]
_INVOICE = ["invoice_code", "invoice_no"]
_PARAMETERS = [
    "payment_days_D30", "payment_days_D60", "payment_months_EONM", "payment_roll_to_working_day",
    "payment_rule_selected", "payment_rule_other",
]  # fmt: skip


def payables(inputs: Inputs) -> pl.DataFrame:
    """Every payable of the run's records, numbered by `due` in the order in which payables are settled.

    Out: the delivery's key, supplier, product, acceptance and invoice, `jurisdiction_code`,
    `parent_institution_code`, `party` (the number of institution and supplier), `amount` in fen; per rule
    `due_<rule>` (rolled to a working day), `month_<rule>` (before rolling), `is_provisional_<rule>`, and the
    policy rows behind them; `applicable_rule` with its `rule_policy_id`; `excuse_id` of the approved excuses
    that hold; file, sheet and line. Months are an enumeration in their order.
    """
    accepted = _accepted(inputs)
    place_and_day = ["jurisdiction_code", "accepted_on"]
    terms = _terms(accepted.select(place_and_day).unique(), inputs)
    rows = (
        look_up(accepted, terms, place_and_day).pipe(_with_applicable_rule, inputs).pipe(_with_excuse, inputs)
    )
    parties = rows.select(PARTY).unique().sort(PARTY).with_row_index("party")
    return look_up(rows, parties, PARTY)


def _accepted(inputs: Inputs) -> pl.DataFrame:
    """Accepted receipt lines that are no gifts: (received − confirmed returns) × unit price, to the fen, half
    up; 0 or less left out.

    `due` numbers them in the order in which they are settled: acceptance, delivery, institution.
    """
    returns = (
        inputs.scan("returns")
        .filter((pl.col("status") == "confirmed") & (pl.col("returned_on") <= inputs.as_of))
        .group_by(_DELIVERY)
        .agg(packs_back=scaled("returned_quantity").sum())
    )
    places = inputs.scan("institutions").select(
        "institution_code", "jurisdiction_code", "parent_institution_code"
    )
    packs = scaled("received_quantity") - pl.col("packs_back").fill_null(0)
    return (
        inputs.scan("deliveries")
        .filter((pl.col("accepted_on") <= inputs.as_of) & ~pl.col("is_gift"))
        .join(returns, on=_DELIVERY, how="left", maintain_order="left")
        .join(places, on="institution_code", maintain_order="left")
        .with_columns(amount=round_half_up(packs * scaled("unit_price"), 10**6))
        .filter(pl.col("amount") > 0)
        .select(
            *_DELIVERY, "distributor_code", "product_code", "accepted_on", *_INVOICE, "jurisdiction_code",
            "parent_institution_code", "amount", "_file", "_sheet", "_line",
        )
        .collect()
        .pipe(in_order, ["accepted_on", *reversed(_DELIVERY)])
        .with_row_index("due")
    )  # fmt: skip


def _terms(days: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """What policy says in a division on a day of acceptance: for each rule the due date rolled to a working
    day and the month before rolling; the rules for products selected and for others.
    """
    for parameter in _PARAMETERS:
        days = inputs.with_policy(days, parameter, "accepted_on")
    raw = {
        "D30": pl.col("accepted_on") + pl.duration(days="payment_days_D30"),
        "D60": pl.col("accepted_on") + pl.duration(days="payment_days_D60"),
        "EONM": pl.col("accepted_on")
        .dt.month_start()
        .dt.offset_by(pl.format("{}mo", "payment_months_EONM"))
        .dt.month_end(),
    }
    days = days.with_columns(raw[rule].alias(f"raw_{rule}") for rule in RULES)
    calendar = _calendar(days)
    for rule in RULES:
        due = pl.when("payment_roll_to_working_day").then("next_working_day").otherwise(f"raw_{rule}")
        days = (
            days.join(calendar, left_on=f"raw_{rule}", right_on="day", how="left")
            .with_columns(
                due.alias(f"due_{rule}"),
                pl.col(f"raw_{rule}").dt.strftime("%Y-%m").alias(f"month_{rule}"),
                pl.col("is_provisional").alias(f"is_provisional_{rule}"),
            )
            .drop("next_working_day", "is_provisional", f"raw_{rule}")
        )
    months = [f"month_{rule}" for rule in RULES]
    in_their_order = pl.Enum(pl.concat([days[m] for m in months]).unique().sort())
    texts = pl.col("^payment_rule_.*$", "^.*_policy_id$")
    return days.with_columns(pl.col(months).cast(in_their_order), texts.cast(pl.Categorical)).drop(
        _PARAMETERS[:4]
    )


def _calendar(days: pl.DataFrame) -> pl.DataFrame:
    if days.is_empty():
        return working_days(date(2020, 1, 1), date(2020, 1, 1))
    raw = days.select(
        pl.min_horizontal(f"raw_{r}" for r in RULES).min(),
        last=pl.max_horizontal(f"raw_{r}" for r in RULES).max(),
    )
    return working_days(*raw.row(0))


def _with_applicable_rule(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """By policy one rule applies to products in a selection valid on the acceptance date, another to the
    rest.
    """
    days = payables.lazy().select("product_code", "accepted_on").unique()
    selected = (
        days.join(
            inputs.scan("selections").select("product_code", "valid_from", "valid_to"), on="product_code"
        )
        .filter(pl.col("accepted_on").is_between("valid_from", pl.col("valid_to").fill_null(date.max)))
        .select("product_code", "accepted_on", is_selected=pl.lit(True))
        .unique()
        .collect()
    )
    payables = look_up(payables, selected, ["product_code", "accepted_on"])
    is_selected = pl.col("is_selected").fill_null(False)

    def choose(suffix: str) -> pl.Expr:
        return (
            pl.when(is_selected)
            .then(f"payment_rule_selected{suffix}")
            .otherwise(f"payment_rule_other{suffix}")
        )

    return payables.with_columns(
        is_selected, applicable_rule=choose(""), rule_policy_id=choose("_policy_id")
    ).drop(
        "payment_rule_selected",
        "payment_rule_other",
        "payment_rule_selected_policy_id",
        "payment_rule_other_policy_id",
    )


def _with_excuse(payables: pl.DataFrame, inputs: Inputs) -> pl.DataFrame:
    """Approved payment excuses name a delivery line or an invoice of the institution; `excuse_id` joins those
    that hold.
    """
    excuses = inputs.scan("excuses").filter(
        (pl.col("kind") == "payment") & (pl.col("valid_from") <= inputs.as_of)
    )
    named = payables.lazy().select("due", *_DELIVERY, *_INVOICE, "accepted_on")
    keys = {"delivery_id": _DELIVERY, "invoice_no": ["institution_code", *_INVOICE]}
    held = [
        named.join(excuses.filter(pl.col(part).is_not_null()).select(*key, "excuse_id", "valid_to"), on=key)
        .filter(pl.col("valid_to").is_null() | (pl.col("accepted_on") <= pl.col("valid_to")))
        .select("due", "excuse_id")
        for part, key in keys.items()
    ]
    by_payable = (
        pl.concat(held).unique().group_by("due").agg(pl.col("excuse_id").sort().str.join(",")).collect()
    )
    return look_up(payables, by_payable, ["due"])
