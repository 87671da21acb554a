"""A utility's contracts as its own records know them, and who has claimed which."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import TenantModel


class Contract(TenantModel):
    """The utility's record: a consumer claims it by kind, city, number and phone."""

    class Kind(models.TextChoices):
        PERSON = "person", _("private person")
        CONTRACT = "contract", _("contract")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("private person or contract"), max_length=10, choices=Kind.choices)
    number = models.CharField(_("account or contract number"), max_length=20)
    city = models.CharField(_("city"), max_length=80)
    holder = models.CharField(_("holder"), max_length=200)
    address = models.CharField(_("address"), max_length=250, blank=True)
    phone = models.CharField(_("phone"), max_length=10)  # ten digits, without the leading 7
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["programme", "kind", "number"], name="contract_number_once"),
        ]

    def __str__(self) -> str:
        return self.number


class ContractClaim(TenantModel):
    """This person proved that they hold the contract. A removed claim keeps its row."""

    contract = models.ForeignKey(Contract, models.CASCADE, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "contract", "user"],
                condition=models.Q(removed_at=None),
                name="contract_claimed_once",
            ),
        ]
