"""Every page of the matrix, opened by each role in one browser: no violation of the strict content policy, no fault.

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
from tests.e2e.visitor import WIDE

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
PASSWORD = "releve 2026"
PEOPLE = (
    ("administrator", "installateur@demo.example", "demo"),
    ("operator", "exploitant@demo.example", "demo"),
    ("occupant", "camille@demo.example", "demo"),
    ("consumer", "mir@teplo.example", "teplo-demo"),
    ("operator", "desk@teplo.example", "teplo-demo"),
)
HTMX_PATH = "htmx-current-path-for-history"  # the address of the page, nothing of its contents
LINK = re.compile(r'href="(/p/[^"#?]+|/account/[^"#?]+|/demo/mails/[^"#?]+)')


@pytest.fixture(scope="module")
def seeded(portal: Portal) -> Portal:
    portal.manage("seed_demo")
    return portal


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

    def __init__(self, browser: Browser, portal: Portal) -> None:
        self.context = browser.new_context(base_url=portal.url, viewport=WIDE)  # type: ignore[arg-type]
        self.page: Any = self.context.new_page()
        self.faults: list[str] = []
        self.done: set[str] = set()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def _console(self, message: Any) -> None:
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
        return LINK.findall(self.page.content())


def test_no_page_breaks_the_content_policy(browser: Browser, seeded: Portal) -> None:
    faults: list[str] = []
    common: set[str] = set()  # what belongs to no programme is walked once
    for role, email, slug in PEOPLE:
        walk = Walk(browser, seeded)
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


def test_the_walk_sees_a_violation(browser: Browser, seeded: Portal) -> None:
    """The control: a style of its own in a page is reported."""
    walk = Walk(browser, seeded)
    walk.page.goto("/")
    walk.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">.</p>')")
    walk.page.wait_for_timeout(50)
    walk.context.close()
    assert any("Content Security Policy" in fault for fault in walk.faults)
