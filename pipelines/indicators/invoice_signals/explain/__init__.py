"""Signals led back to invoice lines, receipts and payments, each with its calculation (obligations §29)."""
