"""Agreed-volume completion 约定采购量完成率 (rulebook §4)."""
