"""Concentration of drug distribution: 配送集中度 (obligations §23)."""
