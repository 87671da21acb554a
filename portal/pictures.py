"""Pictures of pages, taken by the machine's own Chromium from a running demo: for the help page and for the guides."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from portal.demo.people import DEMO_PASSWORD

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


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


def sign_in(page: Any, site: str, email: str) -> None:
    page.goto(f"{site}/")
    page.fill("input[name=login], input[name=name], input[type=email], input[type=text]", email)
    page.fill("input[type=password]", DEMO_PASSWORD)
    page.click("main button[type=submit]")
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
    picture.save(target, "WEBP", quality=72, method=6)
    return f"{target.name}: {target.stat().st_size // 1024} kB"
