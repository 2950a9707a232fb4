"""Readers of what only a library understands, each in a child process with limits: file in, grids of text out."""
