"""What the bureau does with the figures: naming, yearly scores, samples."""
