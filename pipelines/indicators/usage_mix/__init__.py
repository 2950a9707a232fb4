"""Usage mix: selected, non-selected and substitutable drugs of the same generic 中选与非中选药品使用结构 (obligations §16)."""
