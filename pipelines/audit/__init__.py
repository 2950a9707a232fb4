"""The audit of a night before anything is published: checks, laws, gates."""
