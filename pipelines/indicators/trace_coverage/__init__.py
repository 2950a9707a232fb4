"""Trace codes scanned of what was received 追溯码采集 (obligations §18)."""
