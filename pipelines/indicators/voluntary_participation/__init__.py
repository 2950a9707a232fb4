"""Voluntary participation of private hospitals and pharmacies 民营医疗机构和零售药店自愿参与 (obligations §14)."""
