"""Two-invoice compliance 两票制执行率 (rulebook §6)."""
