"""Random audit samples (双随机): objects and inspectors drawn by a recorded seed, so that anyone can draw them again."""
