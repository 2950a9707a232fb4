"""Ledgers: what runs, files, checks and rejected rows were, and what codes are called."""
