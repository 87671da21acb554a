"""What only the estate's pages write."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.translation import pgettext

from accounts.templatetags.releve import NOTHING, WIDE, plain

register = template.Library()


@register.filter
def square_metres(area_cm2: int | None) -> str:
    """A living area with exactly the digits it has: 524500 → "52,45 m²"."""
    if area_cm2 is None:
        return NOTHING
    area = (Decimal(area_cm2) / 10_000).normalize()
    # normalize writes 200 as 2E+2
    whole = area.quantize(Decimal(1)) if area == area.to_integral_value() else area
    return f"{plain(whole)}{WIDE}{pgettext('unit', 'm²')}"


@register.filter
def device_word(code: str) -> str:
    """The reader's word for a kind of device; what nobody foresaw stands as published."""
    words = {
        "light": pgettext("device", "light"), "shutter": pgettext("device", "shutter"),
        "valve": pgettext("device", "valve"), "gate": pgettext("device", "gate"),
        "socket": pgettext("device", "socket"), "pump": pgettext("device", "pump"),
    }  # fmt: skip
    return words.get(code, code.replace("_", " "))


@register.filter
def state_word(code: str) -> str:
    """How a device stands, as the reader says it."""
    words = {
        "on": pgettext("device state", "on"), "off": pgettext("device state", "off"),
        "open": pgettext("device state", "open"), "closed": pgettext("device state", "closed"),
        "stopped": pgettext("device state", "stopped"), "moving": pgettext("device state", "moving"),
    }  # fmt: skip
    return words.get(code, code.replace("_", " "))


@register.filter
def command_word(code: str) -> str:
    """The reader's word for what a button does."""
    words = {
        "on": pgettext("command", "switch on"), "off": pgettext("command", "switch off"),
        "open": pgettext("command", "open"), "close": pgettext("command", "close"),
        "up": pgettext("command", "raise"), "down": pgettext("command", "lower"),
        "stop": pgettext("command", "stop"),
    }  # fmt: skip
    return words.get(code, code.replace("_", " "))
