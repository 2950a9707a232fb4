"""Gates that compare a staged run with the past and with its own input: one module each, put together in `gate`."""

from pipelines.audit.gates.gate import gate
from pipelines.audit.gates.limits import AuditLimits, Waived, resolve_limits

__all__ = ["AuditLimits", "Waived", "gate", "resolve_limits"]
