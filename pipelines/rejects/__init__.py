"""Rejected rows and their life: open until corrected, accepted late, superseded, waived or discarded."""
