"""The market: what things should cost and did, who is blamed for what, what did not come; with its dirt and files."""
