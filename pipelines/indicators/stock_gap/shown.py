"""How people are shown stock that cannot be."""

from schemas.shown import Shown

SHOWN = Shown(titles=("用量超过可用库存", "Stock that cannot be"))
