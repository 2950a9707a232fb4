"""Accountability (通报批评): who is to be named, on which figures and excuses; objections; the final list."""
