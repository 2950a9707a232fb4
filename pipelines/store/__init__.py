"""Where the files of a home lie: runs and their lock, what outlives a power cut, who may read."""
