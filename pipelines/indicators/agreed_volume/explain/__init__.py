"""Completion figures led back to receipts, returns, adjustments and excuses (rulebook §4)."""
