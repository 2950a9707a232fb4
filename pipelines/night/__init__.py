"""A night: its steps in order, what it is built on, how it is run, held, let through and followed."""
