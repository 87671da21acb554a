"""The first steps of a utility: from its contracts to consumers who send their readings."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Actor, Permission
from accounts.models import Contract, Programme, Role
from readings.models import ImportJob, LersProfile
from servers.first_steps import Step, operator_step, register_step_check, register_steps, tariffs_step
from servers.models import MeteringPoint


def utility_steps(actor: Actor, servers: object) -> list[Step]:
    slug = actor.programme.slug
    desk, files = Permission.MANAGE_CONTRACTS, Permission.MANAGE_LERS_PROFILE
    return [
        operator_step(actor, _("The utility's desk: contracts, metering points, statements.")),
        Step(
            "contracts", desk, _("Import the contracts"),
            _("A list with number, city, holder and phone; with these a consumer finds the own contract."),
            reverse("contract_import", args=[slug]),
        ),
        Step(
            "points", desk, _("Make the metering points"),
            _("Each has the unique number under which its archive is sent."), reverse("point_new", args=[slug]),
        ),
        tariffs_step(actor, _("The price of a Gcal and of hot water, from which charges are made.")),
        Step(
            "lers_profile", files, _("Say how archives are written"),
            _("Hours at their beginning or end, units, zone: so that each file is read as it was meant."),
            reverse("lers_profile", args=[slug]),
        ),
        Step(
            Role.CONSUMER, desk, _("Tell the consumers"),
            _("Give them the address of the page where they join; here stands who has claimed a contract."),
            reverse("claim_list", args=[slug]),
        ),
    ]  # fmt: skip


def register() -> None:
    register_steps(Programme.Kind.UTILITY, utility_steps)
    register_step_check("contracts", Contract.objects.all)
    register_step_check("points", lambda: MeteringPoint.objects.exclude(contract=None))
    register_step_check("lers_profile", LersProfile.objects.all, _read_well)


def _read_well() -> QuerySet[ImportJob]:
    """Files that were taken show that the defaults suit."""
    return ImportJob.objects.filter(state=ImportJob.State.DONE)
