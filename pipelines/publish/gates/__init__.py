"""Gates that compare a staged run with the past and with its own input: one module each, put together in `gate`."""

from pipelines.publish.gates.gate import gate
from pipelines.publish.gates.limits import AuditLimits, Waived, resolve_limits

__all__ = ["AuditLimits", "Waived", "gate", "resolve_limits"]
