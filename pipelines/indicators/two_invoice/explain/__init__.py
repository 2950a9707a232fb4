"""Verdicts led back to invoice lines, red lines and chains (rulebook §6)."""
