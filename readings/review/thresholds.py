"""The programme's own thresholds: which there are, and setting one."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.models import AuditEntry
from readings.models import ReviewLimit
from readings.review.limits import default_limits, exact
from servers.models import Medium, MeteringPoint, Register

NAMES = ("low", "high", "rate", "frozen_hours")


def kinds_in_use() -> list[tuple[str, str]]:
    """(medium, quantity) of what is measured in the programme, and of what it has limits for, in a fixed order."""
    measured = Register.objects.filter(retired_at=None).values_list("installation__point__medium", "quantity")
    found = set(measured.distinct()) | set(ReviewLimit.objects.values_list("medium", "quantity"))
    if MeteringPoint.objects.filter(totals_source=MeteringPoint.TotalsSource.ARCHIVE).exists():
        for medium in set(MeteringPoint.objects.values_list("medium", flat=True).distinct()):
            found |= {(medium, "flow_temperature"), (medium, "return_temperature"), (medium, "energy"),
                      (medium, "mass"), (medium, "volume"), (medium, "pressure")}  # fmt: skip
    order = list(Medium.values)
    return sorted(found, key=lambda pair: (order.index(pair[0]) if pair[0] in order else 99, pair[1]))


@transaction.atomic
def limits_set(*, actor: Actor, medium: str, quantity: str, values: Mapping[str, str | int | None]) -> None:
    """`values` by the names of `ReviewLimit`. From now on: what has been flagged stays until its readings change.

    Raises `DomainError` no_such_kind.
    """
    if (medium, quantity) not in kinds_in_use():
        raise DomainError("no_such_kind", _("Nothing of this kind is measured here."))
    texts = {name: "" if values.get(name) in (None, "") else str(values[name]) for name in NAMES}
    ReviewLimit.objects.update_or_create(medium=medium, quantity=quantity, defaults=texts)
    AuditEntry.objects.create(
        actor=actor.user,
        action="review.limits",
        target_kind="limits",
        target=f"{medium}/{quantity}",
        detail=texts,
    )


@transaction.atomic
def limits_reset(*, actor: Actor, medium: str, quantity: str) -> None:
    """Back to the default limits."""
    gone, _rows = ReviewLimit.objects.filter(medium=medium, quantity=quantity).delete()
    if gone:
        AuditEntry.objects.create(
            actor=actor.user, action="review.limits", target_kind="limits", target=f"{medium}/{quantity}",
            detail={"default": True},
        )  # fmt: skip


__all__ = ["default_limits", "exact", "kinds_in_use", "limits_reset", "limits_set"]
