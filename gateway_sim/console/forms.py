"""What people type, made into cards and periods: errors by field, each one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from gateway_sim.console.polling import CALL_IN
from gateway_sim.console.store import Parameters, PointCard, Store
from gateway_sim.console.texts import LANGUAGES, Say
from gateway_sim.field.driver import check_settings, models
from gateway_sim.field.errors import WrongSettings
from gateway_sim.field.lers_file import SYSTEMS
from gateway_sim.field.model import KINDS, Kind
from gateway_sim.field.poll import writable

LONGEST = 300
BAUDS = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
ADAPTERS = {
    "": "none", "optical": "Optical head", "karat915": "Карат-915", "aps71": "АПС-71", "aps70": "АПС-70",
    "mbus": "M-Bus controller", "k105": "К-105", "multical_67": "67-00-10", "multical_rs232": "RS232-9600",
    "other": "other",
}  # fmt: skip
FLOWS = {"": "none", "xonxoff": "Software (XON/XOFF)", "rtscts": "Hardware (RTS/CTS)"}
THEMES = {"auto": "as the system", "light": "light", "dark": "dark"}
OPTIONS = {
    "heat_unit": ("Unit of heat", ("Gcal", "GJ", "MWh")),
    "pressure_unit": ("Unit of pressure", ("kgf/cm²", "bar", "MPa", "kPa")),
    "hour_stamp": ("The stamp of an hour", ("end", "start")),
    "speed": ("Faster speed of the session", ("", "4800", "9600", "19200", "38400")),
    "names": ("Names of columns", ()),
}
BOUND = (
    "T_in", "T_out", "T_delta", "T_cw", "T_outdoor", "T_indoor", "P_in", "P_out", "P_cw", "V_in", "V_out", "M_in",
    "M_out", "Q_in", "Q_out", "Q_delta", "NormalOperationDuration",
)  # fmt: skip
SHORT = {
    "T_in": "T1", "T_out": "T2", "T_delta": "ΔT", "T_cw": "Tхв", "T_outdoor": "Tнв", "T_indoor": "Tвнутр", "P_in": "P1",
    "P_out": "P2", "P_cw": "Pхв", "V_in": "V1", "V_out": "V2", "M_in": "M1", "M_out": "M2", "Q_in": "Q1", "Q_out": "Q2",
    "Q_delta": "ΔQ", "NormalOperationDuration": "Tраб",
}  # fmt: skip
TABS = ("general", "meter", "cells", "registers")
LONGEST_PERIOD = timedelta(days=3 * 366)
Form = Mapping[str, str]


@dataclass
class Checked:
    """The card as typed, and errors by field. `renumbered`: the point number is not the stored one."""

    card: PointCard
    errors: dict[str, str] = field(default_factory=dict)
    renumbered: bool = False


def _line(form: Form, name: str) -> str:
    return " ".join(form.get(name, "").split())[:LONGEST]


def point_checked(form: Form, card: PointCard, store: Store, say: Say) -> Checked:
    """Only the fields that the form has are changed: each tab saves its own."""
    result = Checked(card)
    if "name" in form:
        _general(form, result, store, say)
    if "model" in form:
        _meter(form, result, say)
    if "heat_input" in form:
        _cells(form, result, say)
    if "registers" in form:
        _registers(form, result, say)
    return result


def _general(form: Form, result: Checked, store: Store, say: Say) -> None:
    card, number = result.card, _line(form, "number")
    system = form.get("system", "heat")
    result.card = replace(
        card, name=_line(form, "name"), place=_line(form, "place"), number=number,
        system=system if system in SYSTEMS else "heat",
    )  # fmt: skip
    if not result.card.name:
        result.errors["name"] = say("Enter a name.")
    if not number:
        result.errors["number"] = say("Enter the point number.")
    elif any(other.number == number and other.id != card.id for other in store.points()):
        result.errors["number"] = say("This point number belongs to another metering point.")
    result.renumbered = bool(card.id and card.number and number != card.number)


def _meter(form: Form, result: Checked, say: Say) -> None:
    model = form.get("model", "")
    connection = form.get("connection", "")
    password = form.get("password", "")
    card = replace(
        result.card, model=model if model in models() else "", serial=_line(form, "serial"),
        address=_line(form, "address"), adapter=form.get("adapter", "") if form.get("adapter", "") in ADAPTERS else "",
        adapter_address=_line(form, "adapter_address"),
        connection=_line(form, "port") if connection == "own" else (CALL_IN if connection == CALL_IN else ""),
        baud=int(form["baud"]) if form.get("baud", "").isdecimal() and int(form["baud"][:6]) in BAUDS else None,
        flow=form.get("flow", "") if form.get("flow", "") in FLOWS else "",
        password="" if form.get("forget_password") else (password[:LONGEST] or result.card.password),
        timeout_ms=_whole(form, "timeout_ms", 100, 60_000, result, say),
        options={name: _line(form, f"option-{name}") for name in OPTIONS if _line(form, f"option-{name}")},
    )  # fmt: skip
    result.card = card
    if not card.model:
        result.errors["model"] = say("Choose a model.")
    else:
        _fits(card, "address", result, say)


def _fits(card: PointCard, field_: str, result: Checked, say: Say) -> None:
    """Of the tab that is being saved: the model may be chosen before its heat input is."""
    try:
        check_settings(card.meter_settings())
    except WrongSettings as error:
        if error.data["field"] == field_ and field_ not in result.errors:
            bounds = {name: error.data[name] for name in ("least", "most") if name in error.data}
            sentence = (
                "Enter a whole number from {least} to {most}."
                if bounds
                else "The address does not fit this model."
            )
            result.errors[field_] = say(sentence, **bounds)


def _cells(form: Form, result: Checked, say: Say) -> None:
    info = models().get(result.card.model)
    known = info.cells if info else ()
    result.card = replace(
        result.card,
        supply=_whole(form, "supply", 1, 9, result, say) or 1,
        return_=_whole(form, "return_", 1, 9, result, say) or 2,
        heat_input=_whole(form, "heat_input", 1, 9, result, say) or 1,
        cells={name: form[f"cell-{name}"] for name in BOUND if form.get(f"cell-{name}") in known},
    )
    if info:
        _fits(result.card, "heat_input", result, say)


def _registers(form: Form, result: Checked, say: Say) -> None:
    numbers = {name: _whole(form, f"register-{name}", 1, 65_535, result, say) for name in BOUND}
    result.card = replace(
        result.card, registers={name: number for name, number in numbers.items() if number is not None}
    )


def _whole(form: Form, name: str, least: int, most: int, result: Checked, say: Say) -> int | None:
    """None for an empty field and for a wrong one, which gets its sentence."""
    text = form.get(name, "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most:
        return int(text)
    result.errors[name] = say("Enter a whole number from {least} to {most}.", least=least, most=most)
    return None


def parameters_checked(form: Form, old: Parameters, say: Say) -> tuple[Parameters, dict[str, str]]:
    errors: dict[str, str] = {}
    port = form.get("tcp_port", "").strip()
    good = port.isascii() and port.isdecimal() and 1 <= int(port[:6]) <= 65_535
    if not good:
        errors["tcp_port"] = say("Enter a whole number from {least} to {most}.", least=1, most=65_535)
    folder = _line(form, "folder")
    if folder:
        try:
            writable(Path(folder).expanduser())
        except (OSError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            errors["folder"] = say("The folder cannot be used: {reason}", reason=reason)
    theme, language = form.get("theme", "auto"), form.get("language", old.language)
    portal = _line(form, "portal")
    return (
        Parameters(
            serial_port=_line(form, "serial_port"), tcp_port=int(port) if good else old.tcp_port, folder=folder,
            theme=theme if theme in THEMES else "auto", language=language if language in LANGUAGES else old.language,
            support=_line(form, "support"), portal=portal if portal.startswith(("https://", "http://")) else "",
        ),
        errors,
    )  # fmt: skip


@dataclass
class Period:
    kinds: tuple[Kind, ...]
    start: datetime | None
    end: datetime | None  # the first day left out
    errors: dict[str, str]


def period_checked(form: Form, chosen: list[str], say: Say) -> Period:
    """Both days are read, as people count; half-open inside."""
    errors: dict[str, str] = {}
    first, last = _day(form.get("from", "")), _day(form.get("to", ""))
    if first is None:
        errors["from"] = say("Enter a date.")
    if last is None:
        errors["to"] = say("Enter a date.")
    if first and last and last < first:
        errors["to"] = say("The period ends before it begins.")
    elif first and last and last - first > LONGEST_PERIOD:
        errors["to"] = say("The period is longer than three years.")
    kinds = tuple(kind for kind in KINDS if kind in chosen)
    if not kinds:
        errors["kinds"] = say("Choose at least one archive.")
    return Period(kinds, first, last + timedelta(days=1) if last else None, errors)


def _day(text: str) -> datetime | None:
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d")  # noqa: DTZ007 the meter's own clock
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None
