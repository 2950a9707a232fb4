"""Prepayment explained."""
