"""Stock that cannot be: more was used than was there and came 用量超过可用库存 (obligations §19)."""
