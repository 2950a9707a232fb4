"""Budget protection: 总额控制指标不降低 (obligations §27)."""
