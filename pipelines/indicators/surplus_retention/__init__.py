"""Surplus retention 集采结余留用 (obligations §28)."""
