"""The synthetic landing zone: `generate` writes invented, coherent records at any scale."""

from pipelines.generate.landing import generate

__all__ = ["generate"]
