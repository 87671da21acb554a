"""Who, in which programme, allowed what; and the rows behind background work and mail."""

from accounts.models.audit import AuditEntry
from accounts.models.contracts import Contract, ContractClaim
from accounts.models.people import EmailToken, Membership, Programme, Role, User
from accounts.models.work import Job, OutboxMessage

__all__ = [
    "AuditEntry",
    "Contract",
    "ContractClaim",
    "EmailToken",
    "Job",
    "Membership",
    "OutboxMessage",
    "Programme",
    "Role",
    "User",
]
