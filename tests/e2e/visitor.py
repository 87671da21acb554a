"""A person at a browser: follows links, fills in forms, and looks at every page they come to.

Each look holds the page to the same rules: no serious fault of axe, nothing in the console (so no violation of the
content security policy either), no answer of 500, and no sideways scrolling at 390 pixels.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

# keep a picture of each page; without it, only of those that a test failed on
LOOK = os.environ.get("LOOK") == "1"
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
WIDE, NARROW = {"width": 1240, "height": 900}, {"width": 390, "height": 844}
ORDINALS = {
    "fr": ["premier", "deuxième", "troisième", "quatrième", "cinquième"],
    "ru": ["первое", "второе", "третье", "четвёртое", "пятое"],
}


def axe_faults(page: Page) -> list[str]:
    """The serious and critical violations on a page, a line each."""
    return [
        f"{found['id']} ({found['help']}): " + "; ".join(node["html"][:160] for node in found["nodes"][:3])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


class Visitor:
    def __init__(
        self, browser: Browser, base: str, language: str, journey: str, *, phone: bool = False
    ) -> None:
        self.language, self.journey, self.base = language, journey, base
        self.screen = NARROW if phone else WIDE
        self.context = browser.new_context(
            locale=language,
            base_url=base,
            viewport=self.screen,
            reduced_motion="reduce",  # type: ignore[arg-type]
        )
        self.context.set_default_timeout(60_000)
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.expected_status: set[int] = set()
        self.seen: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("response", self._response)
        self.page.on("requestfailed", self._request_failed)

    def _console(self, message: Any) -> None:
        status = re.search(r"status of (\d{3})", message.text)
        if status and int(status[1]) in self.expected_status | {422}:  # what a form refuses, its page says
            return
        if message.type in ("error", "warning"):
            self.faults.append(f"console at {self.page.url}: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.status} at {response.url}")

    def _request_failed(self, request: Any) -> None:
        if "ERR_ABORTED" not in str(request.failure):  # a page left, or a file taken away
            self.faults.append(f"{request.url}: {request.failure}")

    # -- looking ---------------------------------------------------------------------------------------------------
    def look(self, name: str) -> None:
        """Hold this page to the rules."""
        self.seen.append(name)
        self.faults += [f"axe on {name}: {fault}" for fault in axe_faults(self.page)]
        for screen in (WIDE, NARROW):
            self.page.set_viewport_size(screen)  # type: ignore[arg-type]
            if LOOK:
                self.picture(f"{len(self.seen):02}-{name}-{screen['width']}")
        width = self.page.evaluate("document.documentElement.scrollWidth")
        self.page.set_viewport_size(self.screen)  # type: ignore[arg-type]
        if width > NARROW["width"]:
            self.faults.append(f"{name} is {width} px wide at 390")

    def picture(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{self.journey}-{name}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")

    # -- doing -----------------------------------------------------------------------------------------------------
    def go(self, address: str) -> None:
        self.page.goto(address)

    def loaded(self) -> None:
        """Until the whole page is there: what is counted or read at once must not be half a page's."""
        self.page.wait_for_load_state()

    def follow(self, path_end: str) -> None:
        """Click the first visible link whose address ends so; on a phone it may stand in the menu."""
        self.loaded()
        link = self.page.locator(f'a[href$="{path_end}"]:visible').first
        if self.screen == NARROW and not link.count():
            self.page.locator(".nav-small summary").click()
        link.click()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            field = self.page.locator(f'main [name="{name}"]:not([type="hidden"])').first
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)

    def send(self, within: str = "main") -> None:
        """Press the main button of the form."""
        self.page.locator(f'{within} form button[type="submit"].btn-primary').first.click()

    def answer_question(self) -> None:
        """Read the two words that the page asks for, and copy them."""
        asked = self.page.locator("#id_captcha_helptext").inner_text()
        sentence, _colon, words = asked.rpartition(":")
        wanted = [
            ORDINALS[self.language].index(o)
            for o in re.findall(r"\w+", sentence)
            if o in ORDINALS[self.language]
        ]
        assert len(wanted) == 2, asked
        shown = [word.strip(" .\u00a0") for word in words.split(",")]
        self.fill(captcha=" ".join(shown[place] for place in sorted(wanted)))

    def choose_password(self, password: str) -> None:
        self.fill(password=password, password_again=password)

    def sign_in(self, name: str, password: str) -> None:
        self.fill(login=name, password=password)
        self.send()

    def sign_out(self) -> None:
        self.context.clear_cookies()

    # -- seeing ----------------------------------------------------------------------------------------------------
    @property
    def text(self) -> str:
        """The page's words; every kind of space is one space."""
        self.loaded()
        return " ".join(self.page.locator("main").inner_text().split())

    def at(self, pattern: str) -> None:
        expect(self.page).to_have_url(re.compile(pattern))
        self.loaded()

    def refused(self, field: str) -> str:
        """The sentence at a field."""
        sentence = self.page.locator(f"#id_{field}_error")
        expect(sentence).to_be_visible()
        return " ".join(sentence.inner_text().split())

    def sees(self, *texts: str) -> None:
        for _look in range(100):  # a form that was just sent may not have led to its answer yet
            shown = self.text
            missing = [text for text in texts if text not in shown]
            if not missing:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{missing} not on {self.page.url}: {shown}")
