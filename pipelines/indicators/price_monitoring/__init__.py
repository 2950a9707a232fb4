"""Price monitoring: movements of a price, peers of a province, and the price index 价格监测 (obligations §25)."""
