"""What all pages have in common: the frame, the style, two languages, and how a number is written."""
