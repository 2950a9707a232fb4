"""Gates that compare a staged run with the past and with its own input: one module each, put together in `gate`."""

from pipelines.audit.gates.findings import MadeBy
from pipelines.audit.gates.gate import gate
from pipelines.audit.gates.limits import AuditLimits, Waived, resolve_limits

__all__ = ["AuditLimits", "MadeBy", "Waived", "gate", "resolve_limits"]
