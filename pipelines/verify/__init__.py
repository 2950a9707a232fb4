"""Proof that what is published came from what was sent: past runs rebuilt, tables compared, the ledger's chain."""
