"""help_pictures: the pictures of the help page, taken by Chromium from a running demo and a running field console.

manage.py demo --port 8123                       # in one window
python -m gateway_sim console --port 8480 …      # in another one
manage.py help_pictures --portal http://127.0.0.1:8123 --console http://127.0.0.1:8480
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal.demo import UTILITY_SLUG as SLUG
from portal.demo.people import CONSUMER
from portal.pictures import browser_opened, shoot, sign_in, take

SIZE: Any = {"width": 900, "height": 680}
FOLDER = Path(settings.BASE_DIR) / "portal" / "static" / "portal" / "help"
LOCALES = {"ru": "ru-RU", "fr": "fr-FR", "en": "en-GB"}
# name -> the way from the person's list of contracts: texts of links are left out, so that any language works
PAGES = {
    "contract_add": f"/p/{SLUG}/contracts/add/",
    "upload": f"/p/{SLUG}/uploads/",
}


class Command(BaseCommand):
    help = "Takes the pictures of the help page; needs Chromium, Playwright and Pillow (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--portal", required=True, metavar="URL")
        parser.add_argument("--console", metavar="URL", help="without it those pictures stay as they are")
        parser.add_argument("--language", default="ru", choices=["ru", "fr", "en"])

    def handle(self, *args: Any, **options: Any) -> None:
        folder = FOLDER / options["language"]
        folder.mkdir(parents=True, exist_ok=True)
        with browser_opened() as browser:
            context = browser.new_context(viewport=SIZE, locale=LOCALES[options["language"]])
            page = context.new_page()
            contract = self._portal(page, options["portal"].rstrip("/"), folder, options["language"])
            if options["console"]:
                site = {"name": "language", "value": options["language"], "url": options["console"]}
                context.add_cookies([site])
                self._console(page, contract, options["console"].rstrip("/"), folder)

    def _portal(self, page: Any, site: str, folder: Path, language: str) -> str:
        sign_in(page, site, CONSUMER)
        for name, path in PAGES.items():
            self._take(page, site + path, folder / f"{name}.webp")
        page.goto(f"{site}/p/{SLUG}/contracts/")
        page.click("main table tbody tr:nth-child(2) a")
        contract = page.url.split("?")[0]
        self._take(page, f"{contract}apply/", folder / "application.webp")
        page.goto(f"{contract}heat-meters/")
        page.click("main .card h3 a")
        self._take(page, page.url, folder / "archive.webp")
        return str(contract)

    def _console(self, page: Any, contract: str, site: str, folder: Path) -> None:
        """The contract's own settings file is brought in, as a consumer would."""
        file = page.request.get(f"{contract}console-settings/").body()
        page.goto(f"{site}/parameters")
        page.locator("input[type=file]").scroll_into_view_if_needed()
        self._shoot(page, folder / "console_import.webp")
        name = "UniversalReader-Settings.xml"
        given: Any = {"name": name, "mimeType": "application/xml", "buffer": file}
        page.set_input_files("input[type=file]", given)
        page.click("form:has(input[type=file]) button")
        page.wait_for_load_state()
        page.goto(f"{site}/")
        point = page.locator("input[name=chosen]").first.get_attribute("value")
        page.goto(f"{site}/points/{point}?tab=meter")
        page.select_option("select[name=model]", "multical602")  # the demo's own meter is read by no driver
        self._shoot(page, folder / "console_meter.webp")
        page.click("main form button[type=submit]")
        page.wait_for_load_state()
        self._take(page, f"{site}/points/{point}/poll", folder / "console_poll.webp")

    def _take(self, page: Any, url: str, target: Path) -> None:
        self.stdout.write(take(page, url, target))

    def _shoot(self, page: Any, target: Path) -> None:
        self.stdout.write(shoot(page, target))
