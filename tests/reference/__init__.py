"""The slow, independent reading of the rule book: loops and fractions, nothing from `pipelines`."""
