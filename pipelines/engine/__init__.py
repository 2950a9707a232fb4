"""What indicators share: what one is, how its figures are computed, carried, found short and explained."""
