"""Prices paid and charged: 采购价格与加成 (obligations §25)."""
