"""Who, in which programme, allowed what; and the rows behind background work and mail."""

from accounts.models.audit import AuditEntry
from accounts.models.browsers import BrowserSession
from accounts.models.contracts import Contract, ContractClaim
from accounts.models.people import EmailToken, Membership, Programme, Role, User
from accounts.models.privacy import DataExport
from accounts.models.work import Job, OutboxMessage

__all__ = [
    "AuditEntry",
    "BrowserSession",
    "Contract",
    "ContractClaim",
    "DataExport",
    "EmailToken",
    "Job",
    "Membership",
    "OutboxMessage",
    "Programme",
    "Role",
    "User",
]
