"""What institutions record beside the trade: usages and trace scans. Each has dice of its own, and all else stays as it is."""
