"""Rows of payment tables that agree with each other."""

RULES = ("applicable", "D30", "EONM", "D60")
PAIR = {"institution_code": "H1", "distributor_code": "D1"}


def payable(**values):
    return [{"due_rule": rule, **PAIR, **values} for rule in RULES]


def unpaid(fen, **values):
    """The same payables by month of acceptance, and one by one; nothing is paid."""
    month = {**PAIR, "accepted_fen": fen, "unpaid_fen": fen, **values}
    return {"payment_arrears": [month], "payment_unpaid": [{**PAIR, "amount_fen": fen, "unpaid_fen": fen}]}
