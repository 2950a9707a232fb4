"""Benchmarks: what each step of a night costs, beside two yardsticks on the same files."""
