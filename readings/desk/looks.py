"""Staff who open a contract, or one of its metering points, leave a trace that its holders can read."""

from __future__ import annotations

from accounts.access import Actor, Permission
from accounts.models import Contract
from accounts.services.audit import look_record
from servers.models import MeteringPoint


def contract_look(actor: Actor, contract: Contract) -> None:
    """One row a person, contract and day; a holder's own look is none."""
    if actor.may(Permission.MANAGE_CONTRACTS):
        look_record(
            actor=actor, action="contract.seen", target_kind="contract", target=str(contract.public_id)
        )


def point_look(actor: Actor, point: MeteringPoint) -> None:
    if point.contract is not None:
        contract_look(actor, point.contract)
