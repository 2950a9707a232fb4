"""The world beside: a year before, what no agreement names, the lists, and what was used and scanned; with its dirt and files."""
