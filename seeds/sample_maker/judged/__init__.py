"""What institutions saved and how they were judged: bases of surplus and evaluations, with their dirt and files."""
