"""What is used of the lists: essential, insured, monitored and negotiated drugs, and sudden rises (obligations §17)."""
