"""The stops of each person's tour: real pages with the demo's data, and what is worth a look on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor, Permission
from readings.doors import visible_contracts
from readings.models import ArchiveSeries
from servers.doors import visible_dwellings, visible_points, visible_servers


@dataclass(frozen=True)
class Stop:
    """`thing` finds the object that the page is about; without one in sight the stop is passed over."""

    page: str
    title: Any = ""
    text: Any = ""
    thing: Callable[[Actor], Any] | None = None
    query: str = ""

    def address(self, actor: Actor) -> str:
        """Without the tour's own mark; empty where there is nothing to show."""
        args: list[Any] = [actor.programme.slug]
        if self.thing is not None:
            found = self.thing(actor)
            if found is None:
                return ""
            args.append(found.public_id)
        return reverse(self.page, args=args) + (f"?{self.query}" if self.query else "")


def first_server(actor: Actor) -> Any:
    return visible_servers(actor).order_by("pk").first()


def first_dwelling(actor: Actor) -> Any:
    return visible_dwellings(actor).filter(retired_at=None).order_by("pk").first()


def point_with_archive(actor: Actor) -> Any:
    """The first one whose archive holds something."""
    filled = ArchiveSeries.objects.values("point")
    return visible_points(actor).filter(pk__in=filled).order_by("number", "pk").first()


def contract_with_archive(actor: Actor) -> Any:
    point = point_with_archive(actor)
    return visible_contracts(actor).filter(pk=point.contract_id).first() if point else None


ADMINISTRATOR = (
    Stop(
        "programme_view",
        _("The programme"),
        _(
            "A building with its dwellings, meters and devices. The server on site published all of "
            "it; nothing was typed."
        ),
    ),
    Stop(
        "server_detail",
        _("The server"),
        _(
            "A box on site, known by the serial number on its label. Here a simulated one reads 44 "
            "simulated meters every minute, through the same agent as a real one."
        ),
        first_server,
    ),
    Stop(
        "meter_list",
        _("Meters"),
        _(
            "Each instrument with its place and the end of its verification. Open one to see its "
            "registers and what hung there before."
        ),
        query="due=all",
    ),
    Stop(
        "operator_list",
        _("Operators"),
        _(
            "You name who runs the building: of the whole programme, or of some buildings. They get a"
            " mail with a link; the mailbox of the demo shows it."
        ),
    ),
    Stop(
        "tariff_parameters",
        _("Tariffs"),
        _(
            "Each value says whose it is. An operator, a building or a dwelling may have a nearer "
            "one, and that one holds. Every value explains itself."
        ),
    ),
    Stop(
        "rights",
        _("Rights"),
        _("What occupants may see and switch: euros, the hall's light, the meters of the common areas."),
    ),
    Stop("audit", _("Journal"), _("Who changed what, and when. Nothing here can be changed or taken out.")),
)
OPERATOR = (
    Stop(
        "programme_view",
        _("The building today"),
        _(
            "Each dwelling with its energy of this month and whether its server is heard. The search "
            "with the magnifier finds dwellings, people and serial numbers."
        ),
    ),
    Stop(
        "dwelling_detail",
        _("A dwelling"),
        _(
            "Its meters with their last values, and who lives here since when. The occupant can see "
            "that you looked."
        ),
        first_dwelling,
    ),
    Stop(
        "overview",
        _("Consumption"),
        _(
            "The building by usage, beside the month and the year before, and the dwellings beside "
            "one another."
        ),
    ),
    Stop(
        "completeness",
        _("Readings"),
        _(
            "Which meter has how much of each day. The sockets of apartment 103 were not heard for "
            "some days: those are estimated, never zero."
        ),
    ),
    Stop(
        "review_list",
        _("Values to review"),
        _(
            "The cold-water meter of apartment 104 leapt for half a day. You decide: take it, leave "
            "it out, or correct it; the totals follow, the reading stays."
        ),
    ),
    Stop(
        "occupant_list",
        _("Occupants"),
        _(
            "Apartment 104 changed hands three months ago. The new occupant sees no day of the former"
            " one, and the other way round."
        ),
    ),
    Stop(
        "sheet_list",
        _("Monthly sheets"),
        _(
            "What the law asks for, a sheet a dwelling, made and sent each month. What is missing for"
            " one is said here."
        ),
    ),
    Stop(
        "day_colours",
        _("Announced days"),
        _("EJP and Tempo follow the days that the supplier announces: by the month, or from a list."),
    ),
)
OCCUPANT = (
    Stop(
        "occupant_home",
        _("Your month"),
        _(
            "Your consumption by usage in kWh, m³ and euros, beside the month before. Choose a day, "
            "week, month or year above the chart."
        ),
    ),
    Stop(
        "home_cost",
        _("Where the euros come from"),
        _(
            "Each amount taken apart: quantity, price, from which day. Open a line down to the "
            "readings behind it."
        ),
    ),
    Stop("home_sheets", _("Monthly sheets"), _("The same as a document each month, to read, print or keep.")),
    Stop(
        "home_hints",
        _("Budget and leaks"),
        _(
            "Say how much you want to use; a mail tells you when the month goes beyond it, or when "
            "water runs all night."
        ),
    ),
    Stop(
        "device_list",
        _("Devices"),
        _("The light and the shutter of the hall, which your operator lets you switch."),
    ),
    Stop(
        "home_tariffs",
        _("My tariffs"),
        _("You have another contract? Give your own prices: they hold for you and for your days only."),
    ),
    Stop("looks", _("Who looked"), _("Who of the staff opened your figures, and when.")),
)
CONSUMER = (
    Stop(
        "contract_list",
        _("Contracts"),
        _(
            "Your contracts. Another one is added with its number, the city and the phone that the "
            "utility knows."
        ),
    ),
    Stop(
        "contract_detail",
        _("Balance"),
        _(
            "The account by service, month after month. A positive balance is credit; what is to be "
            "paid stands in the last column."
        ),
        contract_with_archive,
    ),
    Stop(
        "contract_heat_meters",
        _("Heat meters"),
        _(
            "A card for each meter: send the archive here, as the field console or the manufacturer's"
            " program wrote it."
        ),
        contract_with_archive,
    ),
    Stop(
        "point_detail",
        _("The archive"),
        _("What was taken in, as a chart and as a table, and as the engineers' account in PDF and XLSX."),
        point_with_archive,
    ),
    Stop(
        "upload_list",
        _("Files sent"),
        _(
            "Each file with its receipt. The sample lies in var/demo: send it to points 101 and 102, "
            "which are empty."
        ),
    ),
    Stop(
        "utility_help",
        _("Help"),
        _(
            "What to buy, how to read a meter and how to send the file, with pictures and the "
            "utility's phones."
        ),
    ),
)
DESK = (
    Stop(
        "desk_home",
        _("Readings due"),
        _("Which metering points have sent this month, which are late, and one button to remind the others."),
    ),
    Stop(
        "application_list",
        _("Applications"),
        _("A consumer asks for the number of a new metering point: give it or refuse it; a mail says so."),
    ),
    Stop(
        "point_list",
        _("Metering points"),
        _("Number, contract, meter and verification; new points are made here, old ones put out of service."),
    ),
    Stop(
        "point_detail",
        _("An archive"),
        _(
            "Hours and days as the meter kept them. Abnormal hours stay marked, and what was put in "
            "their place is said."
        ),
        point_with_archive,
    ),
    Stop(
        "period_list",
        _("Statements"),
        _(
            "Balances and payments come in as lists; closing a month books its charges, and later "
            "changes become lines of the next."
        ),
    ),
    Stop(
        "review_list",
        _("Values to review"),
        _("What the rules found odd in archives and readings, until somebody decides."),
    ),
    Stop(
        "lers_profile",
        _("Reading of files"),
        _("How your senders write their archives: hours at the beginning or the end, units, zone."),
    ),
)


def stops_of(actor: Actor) -> tuple[Stop, ...]:
    """The tour of this person's most telling role."""
    if actor.programme.is_utility and actor.may(Permission.MANAGE_CONTRACTS):
        return DESK
    if actor.may(Permission.SEE_OWN_CONTRACTS):
        return CONSUMER
    if actor.may(Permission.MANAGE_SERVERS):
        return ADMINISTRATOR
    return OPERATOR if actor.may(Permission.SEE_OCCUPANTS) else OCCUPANT
