"""Forms and strengths: 一品两规 and how many forms of a drug an institution buys (obligations §21)."""
