"""Budgets, caps and bands 预算、上限与区间 (obligations §13)."""
