"""The rules as small text tables: what is given, what is expected. Who reads Chinese rules can read these."""
