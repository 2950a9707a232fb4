"""What people read of the report tables."""
