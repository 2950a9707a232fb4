"""Execution by lot: 国采医疗机构带量执行 (obligations §32)."""
