"""Who is paid, through which channel: 直接结算 (obligations §22)."""
