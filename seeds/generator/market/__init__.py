"""The market of the synthetic landing zone: who there is, and what is sold at what price."""
