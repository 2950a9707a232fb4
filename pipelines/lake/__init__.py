"""The lake: accepted records as Delta tables, every row with its file, sheet, line and place in the order of
upserts.
"""
