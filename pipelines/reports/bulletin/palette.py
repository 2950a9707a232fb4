"""The colours of a bulletin's charts, by the English name of the column they show."""

RATES = {"executed": "#2F5D9B", "executed, capped": "#9DB7D9", "time progress": "#B3261E"}
AGES = {
    "overdue 0 30 fen": "#F3D9B1", "overdue 31 60 fen": "#E5B26B", "overdue 61 90 fen": "#D98B3A",
    "overdue 91 180 fen": "#B3541E", "overdue over 180 fen": "#7A1F12",
}  # fmt: skip
PARTS = {"compliant fen": "#2E7D4F", "violation fen": "#B3261E", "unverifiable fen": "#B9BEC6"}
