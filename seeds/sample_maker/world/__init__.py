"""The invented world of the sample: who there is, what was agreed, bought, invoiced and paid. No dirt yet."""
