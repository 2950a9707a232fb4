"""Codes linked from purchase to use to settlement 采购、使用、支付环节规范编码衔接 (obligations §19)."""
