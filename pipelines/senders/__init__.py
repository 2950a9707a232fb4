"""What whoever sends files is helped with before they are sent: workbooks to fill in, and what the night would say."""
