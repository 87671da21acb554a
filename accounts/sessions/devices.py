"""What to call a browser: its maker and its system from the User-Agent, its network without the person's part."""

from __future__ import annotations

import ipaddress

from django.utils.translation import gettext as _

# in this order: Edge and Opera call themselves Chrome too, Chrome calls itself Safari
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("YaBrowser", "Yandex"), ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Chromium", "Chromium"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> tuple[str, str]:
    """("Firefox", "Windows"); empty where the User-Agent does not tell."""

    def first(table: tuple[tuple[str, str], ...]) -> str:
        return next((name for mark, name in table if mark in user_agent), "")

    return first(BROWSERS), first(SYSTEMS)


def device_words(browser: str, system: str) -> str:
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def network_of(address: str) -> str:
    """The network of an address, enough to know one's own: 203.0.113.0/24, 2001:db8:1::/48."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    prefix = 24 if ip.version == 4 else 48
    return str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False))
