"""A portal, a browser and its visitors. Run by `make test` after the other tests, on PostgreSQL and Redis."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.e2e.portal_process import Portal
from tests.e2e.visitor import SCREENSHOTS, Visitor

expect.set_options(timeout=60_000)  # a page of a loaded machine is slow, not wrong
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed: apt-get install -y --no-install-recommends chromium")
    for old in SCREENSHOTS.glob("*.png"):
        old.unlink()
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("portal"))
    try:
        portal.start()
        yield portal
    finally:
        portal.stop()


@pytest.fixture(scope="session")
def seeded(portal: Portal) -> Portal:
    """The portal with the people and the year of the demo."""
    portal.manage("seed_demo")
    return portal


@pytest.fixture
def visitor(
    browser: Browser, portal: Portal, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """visitor("fr", "housing", phone=True) -> a person at a browser; their pages are held to the rules at the end."""
    people: list[Visitor] = []

    def make(language: str, journey: str, *, phone: bool = False) -> Visitor:
        people.append(Visitor(browser, portal.url, language, journey, phone=phone))
        return people[-1]

    yield make
    faults = [fault for person in people for fault in person.faults]
    if getattr(request.node, "failed_call", None):
        print(portal.logs())
        for person in people:
            with contextlib.suppress(Error):  # of a browser that is gone
                person.picture("failed")
    for person in people:
        person.context.close()
    assert not faults, "\n".join(faults)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Any:
    report = yield
    if report.when == "call" and report.failed:
        item.failed_call = True
    return report
