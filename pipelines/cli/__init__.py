"""The command line `vbp`: a file for each group of commands."""
