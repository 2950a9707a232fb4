"""Whether what was ordered was delivered, in time, and what is short where (obligations §26)."""
