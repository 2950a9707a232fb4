"""What was agreed: least quantities, budgets, caps and bands, and what hangs on them."""
