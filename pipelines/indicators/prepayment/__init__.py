"""Prepayment of the insurance fund 医保基金预付 (obligations §15)."""
