"""Past runs: the records and the policy rows as they stood for a run, and the rows of its figures."""
