"""Payment figures led back to receipts, returns and payments (rulebook §5)."""
