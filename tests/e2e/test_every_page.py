"""Every page of the matrix, opened by each role in one browser: no violation of the strict content policy, no fault,
nothing wider than the screen (those who live with a phone walk with one), nothing that jumps while it loads, and no
first load above the budget.

The pages come from `testkit.matrix`, so a new route is walked without a word here; the world is the demo's.
"""

from __future__ import annotations

import contextlib
import re
from typing import Any

import pytest
from django.urls import NoReverseMatch, reverse
from playwright.sync_api import Browser, Error

from testkit.matrix import OUTSIDE, PAGES
from tests.e2e.portal_process import Portal
from tests.e2e.visitor import LOOK, NARROW, SCREENSHOTS, WIDE, axe_faults

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PASSWORD = "releve 2026"
PEOPLE = (
    ("administrator", "installateur@demo.example", "demo", WIDE),
    ("operator", "exploitant@demo.example", "demo", WIDE),
    ("occupant", "camille@demo.example", "demo", NARROW),
    ("consumer", "mir@teplo.example", "teplo-demo", NARROW),
    ("operator", "desk@teplo.example", "teplo-demo", NARROW),
)
# bytes over the wire, compressed, with everything that a cold browser fetches before a guide's pictures come into sight
FIRST_LOAD = 100_000
MEASURE = """() => {
  const parts = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const later = new Set([...document.querySelectorAll('img[loading="lazy"]')].map(one => one.src));
  const seen = new Map(parts.filter(part => !later.has(part.name)).map(part => [part.name, part.encodedBodySize]));
  return {
    bytes: [...seen.values()].reduce((sum, size) => sum + size, 0),
    beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    shift: window.shifted,
  };
}"""
WATCH_SHIFTS = """window.shifted = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: 'layout-shift', buffered: true});"""
HTMX_PATH = "htmx-current-path-for-history"  # the address of the page, nothing of its contents
LINK = re.compile(r'href="(/p/[^"#?]+|/account/[^"#?]+|/demo/mails/[^"#?]+)')


def pages_of(role: str, slug: str) -> set[str]:
    """The addresses of a role that need no object; those with one are found as links on the way."""
    kind = "utility" if slug == "teplo-demo" else "housing"
    found = {
        reverse(name)
        for name, row in OUTSIDE.items()
        if row.signed_in and row.member[0] == 200 and not row.args and not row.token
    }
    for name, row in PAGES.items():
        if row.kind == kind and role in row.roles and "GET" in row.methods and not row.key:
            with contextlib.suppress(NoReverseMatch):
                found.add(reverse(name, args=[slug]))
    return found


def shape(path: str) -> str:
    """One page of each kind is enough: ids in addresses do not count."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|/\d[^/]*(?=/|$)", "ID", path)


class Walk:
    """One person's way through all pages they find."""

    def __init__(self, browser: Browser, portal: Portal, screen: dict[str, int] = WIDE) -> None:
        self.context = browser.new_context(base_url=portal.url, viewport=screen)  # type: ignore[arg-type]
        self.page: Any = self.context.new_page()
        self.page.add_init_script(WATCH_SHIFTS)
        self.role = ""
        self.faults: list[str] = []
        self.done: set[str] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _console(self, message: Any) -> None:
        if LOOK and "Blocked script execution" in message.text:  # axe, held off by the closed frame of a mail
            return
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"{self.page.url}: {message.text}")

    def sign_in(self, email: str) -> None:
        self.page.goto("/")
        self.page.fill('[name="login"]', email)
        self.page.fill('[name="password"]', PASSWORD)
        self.page.locator('main form button[type="submit"].btn-primary').first.click()

    def all_from(self, start: set[str]) -> None:
        waiting = sorted(start)
        while waiting:
            path = waiting.pop()
            if shape(path) not in self.done:
                self.done.add(shape(path))
                waiting += self._open(path)

    def _open(self, path: str) -> list[str]:
        """Open one page and give the addresses on it."""
        try:
            answer = self.page.goto(path, wait_until="load")
        except Error as error:  # a download ends the visit, and is no fault
            assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), error
            return []
        policy = answer.headers.get("content-security-policy", "")
        if answer.status >= 500 or "default-src 'none'" not in policy or "unsafe" in policy:
            self.faults.append(f"{path}: {answer.status}, policy {policy!r}")
        self._measure(path)
        if (
            LOOK and "/api/" not in path
        ):  # a ready-made page for programmers: the statement on accessibility says so
            self._look(path)
        return LINK.findall(self.page.content())

    def _measure(self, path: str) -> None:
        found = self.page.evaluate(MEASURE)
        if found["beyond"] > 0 and "/api/" not in path:
            self.faults.append(f"{path}: {found['beyond']} px wider than the screen")
        if found["shift"] > 0.02:
            self.faults.append(f"{path}: its parts move by {found['shift']:.3f} while it loads")
        if found["bytes"] > FIRST_LOAD and "/api/" not in path:
            self.faults.append(f"{path}: {found['bytes']:,} bytes")

    def _look(self, path: str) -> None:
        """The page as each screen and each light shows it: a picture, and what axe finds."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", shape(path).lower()).strip("-")
        for screen in (WIDE, NARROW):
            for scheme in ("light", "dark"):
                self.page.set_viewport_size(screen)
                # without motion, or a button would be judged on its way from one colour to the other
                self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self.faults += [
                    f"{path} at {screen['width']}, {scheme}: {fault}" for fault in axe_faults(self.page)
                ]
                picture = SCREENSHOTS / f"{name}-{self.role}-{screen['width']}-{scheme}.png"
                self.page.screenshot(path=picture, full_page=True, animations="disabled")


def test_every_page_keeps_the_rules(browser: Browser, seeded: Portal) -> None:
    faults: list[str] = []
    common: set[str] = set()  # what belongs to no programme is walked once
    for role, email, slug, screen in PEOPLE:
        walk = Walk(browser, seeded, screen)
        walk.role = role
        walk.done |= common
        walk.sign_in(email)
        walk.all_from({*pages_of(role, slug), "/demo/mails/", "/demo/style/", "/api/v1/docs"})
        kept = walk.page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
        if set(kept) - {HTMX_PATH}:
            walk.faults.append(f"{role}: the browser keeps {kept}")
        common |= {path for path in walk.done if not path.startswith("/p/")}
        walk.context.close()
        faults += walk.faults
        assert len(walk.done) > 8, (role, walk.done)
    assert not faults, "\n".join(dict.fromkeys(faults))


def test_the_walk_sees_each_fault(browser: Browser, seeded: Portal) -> None:
    """The control: a style of its own, a part wider than the screen, one that moves the others, and a heavy page."""
    walk = Walk(browser, seeded, NARROW)
    heavy = "<p>" + "".join(chr(33 + n * n % 89) + str(n) for n in range(60_000)).replace("<", "")
    walk.page.route("**/heavy", lambda route: route.fulfill(content_type="text/html", body=heavy))
    walk.page.goto("/")
    # nothing moves for anybody before there is a picture: two frames later there is one
    walk.page.evaluate(
        "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    walk.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">.</p>')")
    walk.page.evaluate("""document.querySelector('main').insertAdjacentHTML('beforebegin',
        '<table><tr><td height="300" width="900">.</td></tr></table>')""")
    # Asked again and again from inside the page: what Playwright would ask by a string, the CSP refuses.
    walk.page.evaluate("""() => new Promise(seen => {
        const look = () => window.shifted > 0.02 ? seen() : requestAnimationFrame(look);
        look();
        setTimeout(seen, 20000);
    })""")
    walk._measure("/")
    walk.page.goto("/heavy")
    walk._measure("/heavy")
    walk.context.close()
    for fault in ("Content Security Policy", "wider than the screen", "while it loads", "bytes"):
        assert any(fault in found for found in walk.faults), (fault, walk.faults)
