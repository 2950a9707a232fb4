"""Trace codes at several institutions 追溯码重复使用 (obligations §18)."""
