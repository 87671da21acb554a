"""What happens to an application: sent, withdrawn, refused with a reason, or given a number and a metering point."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import Contract
from accounts.outbox import mail_enqueue
from accounts.services.audit import audit_record
from readings.desk.points import point_open
from readings.models import NumberApplication
from servers.models import Meter, MeteringPoint

State = NumberApplication.State
MOST_WAITING = 50  # of one person: more is a mistake or mischief
NUMBER = re.compile(r"[^\W_][\w./-]{0,19}")


@transaction.atomic
def application_send(
    *, actor: Actor, contract: Contract, token: uuid.UUID, **fields: Any
) -> NumberApplication:
    """Put an application into the queue; the same token again is the same application.

    `fields`: name, address, organisation, medium, model, serial. Raises `too_many_waiting`.
    """
    again: NumberApplication | None = NumberApplication.objects.filter(
        token=token, applicant=actor.user
    ).first()
    if again is not None:
        return again
    if NumberApplication.objects.filter(applicant=actor.user, state=State.WAITING).count() >= MOST_WAITING:
        raise DomainError(
            "too_many_waiting", _("Many of your applications wait already. Please wait for the answers.")
        )
    made: NumberApplication = NumberApplication.objects.create(
        contract=contract, applicant=actor.user, token=token, **fields
    )
    _audit(actor, made, "application.sent")
    return made


@transaction.atomic
def application_withdraw(*, actor: Actor, application: NumberApplication) -> None:
    """The consumer needs it no more. Raises `decided_already`."""
    locked = _waiting(application)
    locked.state, locked.decided_at = State.WITHDRAWN, timezone.now()
    locked.save(update_fields=["state", "decided_at"])
    _audit(actor, locked, "application.withdrawn")


@transaction.atomic
def application_refuse(*, actor: Actor, application: NumberApplication, reason: str) -> None:
    """The consumer learns the reason by mail. Raises `decided_already`."""
    locked = _waiting(application)
    locked.state, locked.reason = State.REFUSED, reason
    _decided(actor, locked, "application.refused")


@transaction.atomic
def application_assign(*, actor: Actor, application: NumberApplication, number: str) -> MeteringPoint:
    """A metering point with this number is there from now on, and the consumer learns it by mail.

    Raises with `data["field"] == "number"` `number_form` or `number_taken`; or `decided_already`.
    """
    locked = _waiting(application)
    point = point_open(
        actor=actor, contract=locked.contract, number=number_checked(number), name=locked.name,
        address=locked.address, medium=locked.medium, serial=locked.serial, model=locked.model,
        totals_source=MeteringPoint.TotalsSource.ARCHIVE,
    )  # fmt: skip
    locked.state, locked.point = State.ASSIGNED, point
    _decided(actor, locked, "application.assigned")
    return point


def number_checked(number: str) -> str:
    """As it will stand in files; raises `number_form`."""
    number = number.strip()
    if not NUMBER.fullmatch(number):
        raise DomainError(
            "number_form", _("A number has at most 20 letters or digits, without blanks."), field="number"
        )
    return number


def number_offered() -> str:
    """The number after the highest one that has digits only."""
    taken = MeteringPoint.objects.exclude(number=None).values_list("number", flat=True)
    return str(max((int(one) for one in taken if one and one.isascii() and one.isdecimal()), default=0) + 1)


def meters_known_as(serial: str) -> list[Meter]:
    """Meters that have this factory number already: the desk has to see where they stand."""
    rows = Meter.objects.filter(serial=serial).prefetch_related("installations__point__contract")
    return list(rows.order_by("pk")) if serial else []


def _waiting(application: NumberApplication) -> NumberApplication:
    rows = NumberApplication.objects.select_for_update(of=("self",), no_key=True).select_related("contract")
    locked: NumberApplication = rows.get(pk=application.pk)
    if locked.state != State.WAITING:
        raise DomainError("decided_already", _("This application was decided or withdrawn meanwhile."))
    return locked


def _decided(actor: Actor, application: NumberApplication, action: str) -> None:
    application.decided_at, application.decided_by = timezone.now(), actor.user
    application.save(update_fields=["state", "reason", "point", "decided_at", "decided_by"])
    _audit(actor, application, action)
    applicant = application.applicant
    if applicant is not None and applicant.is_active:
        mail_enqueue(
            kind="number_decided", recipient=applicant.email, language=applicant.language,
            programme_id=actor.programme.pk, context={"application": str(application.public_id)},
        )  # fmt: skip


def _audit(actor: Actor, application: NumberApplication, action: str) -> None:
    audit_record(
        actor=actor, action=action, target_kind="contract", target=str(application.contract.public_id),
        detail={
            "number": application.point.number if application.point else "", "name": application.contract.number,
            "application": str(application.public_id), "reason": application.reason,
        },
    )  # fmt: skip
