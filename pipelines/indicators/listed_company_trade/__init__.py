"""Trade with listed companies: 与失信名单企业交易 (obligations §24)."""
