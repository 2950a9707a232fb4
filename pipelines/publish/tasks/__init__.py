"""Tasks of findings, as far as publishing needs them: the chain of acts, deadlines, how tasks stand, the ledger of each date."""
