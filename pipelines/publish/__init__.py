"""From report files to the report tables: stage, audit, swap."""
