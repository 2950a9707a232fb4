"""From text to accepted records: parse, row rules, keys, references. Every row ends accepted, rejected or
duplicate.
"""
