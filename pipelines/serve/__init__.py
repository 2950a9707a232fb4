"""Browsing the embedded database: what `vbp serve` shows, and how it describes it."""
