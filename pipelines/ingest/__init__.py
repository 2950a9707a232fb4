"""From files in the landing zone to archived copies and frames of raw text with their place in the file."""
