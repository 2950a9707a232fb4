"""Tasks of findings (任务台账): who sees to what by when, what people did about it, and what became of it."""
