"""Settle a night: every new row becomes an accepted record, waits, or is rejected."""
