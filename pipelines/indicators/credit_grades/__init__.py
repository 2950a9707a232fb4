"""Credit grades: 企业信用评级 (obligations §24)."""
