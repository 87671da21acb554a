"""What an operator decides about one reading. It is a stored fact, which no resend of a gateway undoes."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry
from accounts.tenancy import current_programme_id
from readings.models import Reading
from readings.services.storing import registers_lock
from readings.totals.touches import totals_ring, touch
from servers.models import Register


@transaction.atomic
def reading_reject(*, register_id: int, at: int, actor: Actor | None = None) -> None:
    """The reading stays, but no total uses it. Raises `DomainError` no_reading."""
    _decide(register_id, at, False, actor)


@transaction.atomic
def reading_accept(*, register_id: int, at: int, actor: Actor | None = None) -> None:
    """Take a rejection back. Raises `DomainError` no_reading."""
    _decide(register_id, at, True, actor)


def _decide(register_id: int, at: int, used: bool, actor: Actor | None) -> None:
    registers_lock({register_id})
    rows = Reading.objects.filter(register_id=register_id, at=at)
    reading = rows.select_related("register").first()
    if reading is None:
        raise DomainError("no_reading", _("There is no reading at this time."))
    if reading.used == used:
        return
    rows.update(used=used)
    AuditEntry.objects.create(
        actor=actor.user if actor else None,
        action="reading.accept" if used else "reading.reject",
        target_kind="register",
        target=str(reading.register.public_id),
        detail={"at": at, "value": reading.value},
    )
    if reading.register.kind == Register.Kind.CUMULATIVE:
        touch({register_id: [at]})
        totals_ring(programme_id=current_programme_id())
