"""The indicators: one file each. Dropping a file here adds an indicator; nothing else is edited."""
