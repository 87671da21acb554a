"""guide_pictures: the pictures of the guides in docs/ and of the README, in each language, taken by Chromium.

`make pictures` starts a demo for it, with data of its own. From one that runs already:
RELEVE_MODE=demo manage.py guide_pictures --portal http://127.0.0.1:8000
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import Actor, actor_of
from accounts.models import Programme, User
from accounts.tenancy import tenant_scope
from portal.demo import HOUSING_SLUG, UTILITY_SLUG
from portal.demo.people import CONSUMER, DESK, INSTALLER, OCCUPANT, OPERATOR
from portal.pictures import browser_opened, demo_started, sign_in, speak, take
from portal.tour.stops import Stop, contract_with_archive, first_dwelling, first_server, point_with_archive

FOLDER = Path(settings.BASE_DIR) / "docs" / "images"  # a folder in it for each language
DESKTOP, PHONE = (1280, 840), (390, 800)
# name -> whose page, which one, and how wide
PICTURES: dict[str, tuple[str, Stop, tuple[int, int]]] = {
    "installer-servers": (INSTALLER, Stop("server_list"), DESKTOP),
    "installer-server": (INSTALLER, Stop("server_detail", thing=first_server), DESKTOP),
    "installer-operators": (INSTALLER, Stop("operator_list"), DESKTOP),
    "installer-tariffs": (INSTALLER, Stop("tariff_parameters"), DESKTOP),
    "operator-programme": (OPERATOR, Stop("programme_view"), DESKTOP),
    "operator-dwelling": (OPERATOR, Stop("dwelling_detail", thing=first_dwelling), DESKTOP),
    "operator-overview": (OPERATOR, Stop("overview"), DESKTOP),
    "operator-readings": (OPERATOR, Stop("completeness"), DESKTOP),
    "operator-occupants": (OPERATOR, Stop("occupant_list"), DESKTOP),
    "occupant-home": (OCCUPANT, Stop("occupant_home"), DESKTOP),
    "occupant-phone": (OCCUPANT, Stop("occupant_home"), PHONE),
    "occupant-cost": (OCCUPANT, Stop("home_cost"), DESKTOP),
    "consumer-contracts": (CONSUMER, Stop("contract_list"), DESKTOP),
    "consumer-balance": (CONSUMER, Stop("contract_detail", thing=contract_with_archive), DESKTOP),
    "consumer-upload": (CONSUMER, Stop("contract_heat_meters", thing=contract_with_archive), DESKTOP),
    "consumer-archive": (CONSUMER, Stop("point_detail", thing=point_with_archive), DESKTOP),
    "desk-home": (DESK, Stop("desk_home"), DESKTOP),
    "desk-periods": (DESK, Stop("period_list"), DESKTOP),
}


def actor_in_demo(email: str) -> Actor:
    slug = UTILITY_SLUG if email in (CONSUMER, DESK) else HOUSING_SLUG
    actor = actor_of(User.objects.get(email=email), Programme.objects.get(slug=slug))
    if actor is None:
        raise CommandError(f"{email} has no role in {slug}.")
    return actor


def addresses(email: str) -> dict[str, str]:
    """The address of each picture that is this person's, by its name."""
    actor = actor_in_demo(email)
    with tenant_scope(actor.programme.pk):
        return {
            name: stop.address(actor) for name, (whose, stop, _size) in PICTURES.items() if whose == email
        }


class Command(BaseCommand):
    help = "Takes the pictures of the guides; needs Chromium, Playwright and Pillow (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--portal", metavar="URL", help="a demo that runs; without it one is started")
        parser.add_argument("--language", nargs="*", choices=languages, default=languages)

    def handle(self, *args: Any, portal: str | None, language: list[str], **options: Any) -> None:
        with nullcontext(portal) if portal else demo_started() as address:
            wanted = {email: addresses(email) for email, _stop, _size in PICTURES.values()}
            with browser_opened() as browser:
                for email, pages in wanted.items():
                    page = browser.new_context().new_page()
                    sign_in(page, str(address).rstrip("/"), email)
                    self._in_each_language(page, str(address).rstrip("/"), pages, language)

    def _in_each_language(self, page: Any, site: str, pages: dict[str, str], languages: list[str]) -> None:
        own = str(page.get_attribute("html", "lang"))
        for language in languages:
            speak(page, site, language)
            self._take(page, site, pages, FOLDER / language)
        speak(page, site, own)

    def _take(self, page: Any, site: str, pages: dict[str, str], folder: Path) -> None:
        for name, address in pages.items():
            width, height = PICTURES[name][2]
            page.set_viewport_size({"width": width, "height": height})
            self.stdout.write(f"{folder.name}/{take(page, site + address, folder / f'{name}.webp')}")
