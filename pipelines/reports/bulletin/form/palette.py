"""The colours of a bulletin's charts, by the English name of the column they show."""

RATES = {"executed": "#2F5D9B", "executed, capped": "#9DB7D9", "time progress": "#B3261E"}
AGES = {
    "overdue 0 30": "#F3D9B1", "overdue 31 60": "#E5B26B", "overdue 61 90": "#D98B3A",
    "overdue 91 180": "#B3541E", "overdue over 180": "#7A1F12",
}  # fmt: skip
PARTS = {"compliant": "#2E7D4F", "violation": "#B3261E", "unverifiable": "#B9BEC6"}
