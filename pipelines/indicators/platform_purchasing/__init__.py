"""Purchasing on the platform: 平台采购 (obligations §20)."""
