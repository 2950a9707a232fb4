"""Further two-invoice signals: 两票制其他线索 (obligations §29)."""
