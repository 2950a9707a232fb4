"""The synthetic landing zone: `generate` writes invented, coherent records at any scale."""

from seeds.generator.landing import generate

__all__ = ["generate"]
