"""The portal by keyboard alone: every control is reached in the order of the page, seen, and left again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.portal_process import Portal
from tests.e2e.test_every_page import PASSWORD, PEOPLE
from tests.e2e.visitor import NARROW, WIDE

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
HOMES = {
    "installateur@demo.example": "/p/demo/servers/create/",
    "exploitant@demo.example": "/p/demo/parameters/tariffs/",
    "camille@demo.example": "/p/demo/home/",
    "mir@teplo.example": "/p/teplo-demo/contracts/",
    "desk@teplo.example": "/p/teplo-demo/desk/",
}
STOP = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const look = getComputedStyle(at), box = at.getBoundingClientRect(), before = window.lastStop;
  window.lastStop = at;
  return {
    what: at.outerHTML.slice(0, 120),
    seen: look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2 && box.width > 0 && box.height > 0
      && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    later: !before || before === at || Boolean(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""
REACHABLE = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
  .filter(one => !one.disabled && one.type !== 'hidden' && one.tabIndex >= 0)
  .filter(one => one.checkVisibility({visibilityProperty: true}))
  .length"""


def signed_in_by_keyboard(browser: Browser, portal: Portal, email: str, screen: dict[str, int]) -> Any:
    context = browser.new_context(base_url=portal.url, viewport=screen, reduced_motion="reduce")  # type: ignore[arg-type]
    page: Any = context.new_page()
    page.goto("/")
    tab_to(page, '[name="login"]')
    page.keyboard.type(email)
    tab_to(page, '[name="password"]')
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/p/**")
    return page


def tab_to(page: Any, selector: str) -> None:
    wanted = page.locator(selector).first
    for _ in range(150):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached on {page.url}")


@pytest.mark.parametrize(("email", "path"), HOMES.items())
def test_each_control_is_reached_seen_and_left(
    browser: Browser, seeded: Portal, email: str, path: str
) -> None:
    screen = next(person[3] for person in PEOPLE if person[1] == email)
    page = signed_in_by_keyboard(browser, seeded, email, screen)
    page.goto(path)
    stops, wanted = [], page.evaluate(REACHABLE)
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    while len(stops) <= wanted and (stop := page.evaluate(STOP)):
        stops.append(stop)
        page.keyboard.press("Tab")
    assert not [stop["what"] for stop in stops if not stop["seen"]], "no focus to be seen"
    assert not [stop["what"] for stop in stops if not stop["later"]], "not in the order of the page"
    assert len(stops) >= wanted, (len(stops), wanted)
    page.context.close()


def test_the_order_and_the_missing_outline_are_noticed(browser: Browser, seeded: Portal) -> None:
    """The control: a link of the footer that comes first, and a field whose focus is not shown."""
    page = browser.new_context(base_url=seeded.url).new_page()
    page.goto("/")
    page.evaluate("document.querySelector('[name=\"login\"]').style.outline = 'none'")
    page.evaluate("document.querySelector('footer a').tabIndex = 1")
    page.locator("footer a").first.focus()
    found = []
    for _ in range(6):
        found.append(page.evaluate(STOP))
        page.keyboard.press("Tab")
    assert not all(stop["later"] for stop in found), "order"
    assert not all(stop["seen"] for stop in found), "outline"
    page.context.close()


def test_an_occupant_reads_the_year_by_keyboard(browser: Browser, seeded: Portal) -> None:
    page = signed_in_by_keyboard(browser, seeded, "camille@demo.example", NARROW)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the header
    expect(page.locator("#content")).to_be_focused()
    tab_to(page, 'main a[href*="period=year"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**period=year**")
    tab_to(page, "main details.twin > summary")
    page.keyboard.press("Enter")
    expect(page.locator("main details.twin[open] table").first).to_be_visible()
    page.context.close()


def test_an_operator_is_led_to_the_wrong_field(browser: Browser, seeded: Portal) -> None:
    page = signed_in_by_keyboard(browser, seeded, "exploitant@demo.example", WIDE)
    tab_to(page, '.nav-wide a[href="/p/demo/parameters/tariffs/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/parameters/tariffs/")
    tab_to(page, '.param input[type="text"]')
    page.keyboard.press("Control+A")
    page.keyboard.type("douze")
    page.keyboard.press("Enter")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wrong = page.locator('.param input[value="douze"]')
    expect(wrong).to_be_focused()
    assert wrong.get_attribute("aria-invalid") == "true"
    assert page.locator(f"#{wrong.get_attribute('aria-describedby').split()[0]}").count()
    page.context.close()


def test_a_menu_closes_on_escape_and_gives_the_focus_back(browser: Browser, seeded: Portal) -> None:
    page = signed_in_by_keyboard(browser, seeded, "mir@teplo.example", NARROW)
    tab_to(page, ".nav-small summary")
    page.keyboard.press("Enter")
    tab_to(page, ".nav-small details[open] a")
    page.keyboard.press("Escape")
    expect(page.locator(".nav-small summary")).to_be_focused()
    assert not page.locator(".nav-small details[open]").count()
    page.context.close()


def test_a_slash_goes_to_the_search(browser: Browser, seeded: Portal) -> None:
    """From any page of staff; in a field it stays a character; who types it otherwise turns it off."""
    page = signed_in_by_keyboard(browser, seeded, "exploitant@demo.example", WIDE)
    page.goto("/p/demo/occupants/")
    page.keyboard.press("/")
    expect(page.locator("#search-top")).to_be_focused()
    page.keyboard.type("6000-0001/")
    expect(page.locator("#search-top")).to_have_value("6000-0001/")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/**")
    expect(page.locator("main a", has_text="60000001").first).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#search-all")).to_be_focused()
    page.locator("#slash").uncheck()
    page.goto("/p/demo/occupants/")
    page.keyboard.press("/")
    expect(page.locator("details.search-menu")).not_to_have_attribute("open", "")
    page.context.close()
