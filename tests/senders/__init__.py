"""What senders are helped with is held to what the night does."""
