"""How people are shown payment standards beside selected prices."""

from schemas.shown import Shown

SHOWN = Shown(titles=("医保支付标准", "Payment standards"))
