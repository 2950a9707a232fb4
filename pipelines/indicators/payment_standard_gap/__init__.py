"""Payment standards beside selected prices: 医保支付标准与中选价 (obligations §30)."""
