"""Payment timeliness 货款支付及时率 (rulebook §5)."""
