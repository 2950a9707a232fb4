"""Pulls: what hospitals and platforms keep elsewhere is fetched into the landing zone, as `sources.toml` describes it."""
