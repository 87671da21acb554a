"""Pictures of pages, taken by the machine's own Chromium from a running demo: for the help page and for the guides."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from portal.demo.people import DEMO_PASSWORD

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
DEMO = "http://127.0.0.1:8123"
PATIENCE = 180  # seconds until the first page of a demo that has to seed its data


@contextmanager
def browser_opened() -> Iterator[Any]:
    """Playwright's browser; `CommandError` where a machine has none. Its own words (a date, a file to choose) are in
    the machine's language: Debian's Chromium knows others with the package chromium-l10n."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise CommandError("Chromium is not installed.")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise CommandError("Playwright is not installed.") from None
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def demo_started() -> Iterator[str]:
    """The address of a demo that runs as long as this is open, on this process' own data (RELEVE_VAR)."""
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "demo",
        "--port",
        DEMO.rpartition(":")[2],
    ]
    if _answers(DEMO):  # whose data would then not be this process'
        raise CommandError(f"Something answers on {DEMO} already.")
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(DEMO):
            if child.poll() is not None or time.monotonic() > end:
                raise CommandError("The demo did not start.")
            time.sleep(0.5)
        yield DEMO
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(timeout=30)


def _answers(site: str) -> bool:
    try:
        with urllib.request.urlopen(f"{site}/health/ready", timeout=5) as answer:  # noqa: S310 - our own machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def sign_in(page: Any, site: str, email: str) -> None:
    page.goto(f"{site}/")
    page.fill("input[name=login], input[name=name], input[type=email], input[type=text]", email)
    page.fill("input[type=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def speak(page: Any, site: str, language: str) -> None:
    """Choose the person's language as they would, at the head of a page."""
    page.set_viewport_size({"width": 1280, "height": 840})
    page.goto(f"{site}/programmes/")
    page.click("details.languages summary")
    page.click(f"details.languages button[value={language}]")
    page.wait_for_load_state()


def take(page: Any, url: str, target: Path) -> str:
    """The page's upper part as WebP; what was written, in a few words. A page that does not open is an error."""
    answer = page.goto(url)
    if answer is None or not answer.ok:
        raise CommandError(f"{url} answers {answer.status if answer else 'nothing'}.")
    return shoot(page, target)


def shoot(page: Any, target: Path) -> str:
    from PIL import Image

    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    target.parent.mkdir(parents=True, exist_ok=True)
    picture.save(target, "WEBP", quality=64, method=6)
    return f"{target.name}: {target.stat().st_size // 1024} kB"
