"""What the page of announced days shows: a season at a glance, a month to fill in, and a list to bring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.templatetags import releve
from tariffs.colours.rules import COLOURS, MOST, counted, season_days, season_of
from tariffs.models import Colour, Level
from tariffs.places import ParameterPlace
from tariffs.services.colours import season_colours

OPTIONS = {"tempo": gettext_lazy("Tempo"), "ejp": gettext_lazy("EJP")}
SHAPES = {"blue": "●", "white": "○", "red": "■", "ejp": "▲", "": "·"}
FIRST_SEASON, LAST_SEASON = 2000, 2099


class MonthForm(forms.Form):
    """A choice a day. `chosen()` is what was sent, by day; days that were not sent stay as they are."""

    def __init__(self, data: Any = None, *, option: str, month: date, colours: dict[date, str]) -> None:
        super().__init__(data)
        self.days = {f"d-{day.isoformat()}": day for day in month_days(month)}
        self.standing = {day: colours.get(day, "") for day in self.days.values()}
        empty = _("normal day") if option == "ejp" else _("not announced")
        choices = [("", f"{SHAPES['']} {empty}")]
        choices += [(one, f"{SHAPES[one]} {Colour(one).label}") for one in COLOURS[option]]
        for name, day in self.days.items():
            self.fields[name] = forms.ChoiceField(
                label=day_label(day), choices=choices, required=False, initial=self.standing[day]
            )

    def chosen(self) -> dict[date, str]:
        return {
            day: self.cleaned_data[name]
            for name, day in self.days.items()
            if name in self.data and name in self.cleaned_data
        }


def month_days(month: date) -> list[date]:
    after = (month.replace(day=1) + timedelta(days=32)).replace(day=1)
    return [month.replace(day=1) + timedelta(days=n) for n in range((after - month.replace(day=1)).days)]


def day_label(day: date) -> str:
    return f"{date_format(day, 'D')} {day.day}"


@dataclass
class ColoursPage:
    """One option and the season of one month. What the address does not tell is today's."""

    actor: Actor
    option: str
    month: date

    @classmethod
    def of(cls, actor: Actor, wanted: Any) -> ColoursPage:
        today = ParameterPlace(Level.OPERATOR_PROGRAMME).today(actor.programme)
        option = wanted.get("option", "")
        found = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", wanted.get("month", ""))
        month = date(int(found[1]), int(found[2]), 1) if found else today.replace(day=1)
        return cls(actor, option if option in OPTIONS else "tempo", month)

    def __post_init__(self) -> None:
        self.season = min(max(season_of(self.month), FIRST_SEASON), LAST_SEASON)
        self.colours = season_colours(self.option, self.season)

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """The announced days of the season, as the same page reads them."""
        return [_("Date"), _("Colour")], [
            [day, str(Colour(one).label)] for day, one in sorted(self.colours.items())
        ]

    def form(self, data: Any = None) -> MonthForm:
        return MonthForm(data, option=self.option, month=self.month, colours=self.colours)

    def address(self, month: date | None = None, option: str = "") -> str:
        return f"?option={option or self.option}&month={(month or self.month):%Y-%m}"

    def context(self, form: MonthForm) -> dict[str, Any]:
        return {
            "form": form,
            "crumbs": self._crumbs(),
            "option": self.option,
            "option_name": OPTIONS[self.option],
            "month": self.month,
            "month_label": releve.local_month(self.month),
            "here": self.address(),
            "options": [
                {"label": label, "url": self.address(option=key), "current": key == self.option}
                for key, label in OPTIONS.items()
            ],
            "seasons": self._seasons(),
            "season_label": self._season_label(self.season),
            "counts": self._counts(),
            "query": self.address()[1:],
            "months": self._months(),
            "numbers": range(1, 32),
            "legend": [(SHAPES[one], Colour(one).label, one) for one in COLOURS[self.option]],
            "unknown": self._unknown(),
        }

    def _crumbs(self) -> list[dict[str, str]]:
        tariffs = reverse("tariff_parameters", args=[self.actor.programme.slug])
        return [
            {"label": self.actor.programme.name},
            {"label": _("Tariffs"), "url": tariffs},
            {"label": _("Announced days")},
        ]

    def _season_label(self, season: int) -> str:
        return f"{season}\N{EN DASH}{season + 1}"

    def _seasons(self) -> list[dict[str, Any]]:
        before, after = (date(self.season + step, 9, 1) for step in (-1, 1))
        return [
            {
                "label": "‹",
                "name": _("Before"),
                "url": self.address(before) if self.season > FIRST_SEASON else "",
            },
            {"label": self._season_label(self.season), "url": self.address(), "current": True},
            {
                "label": "›",
                "name": _("After"),
                "url": self.address(after) if self.season < LAST_SEASON else "",
            },
        ]

    def _counts(self) -> list[dict[str, Any]]:
        """How many of the days that the season has were announced so far."""
        found = counted(self.colours, self.season)
        return [
            {
                "shape": SHAPES[one],
                "colour": one,
                "label": Colour(one).label,
                "text": _("%(count)s of %(most)s") % {"count": found[one], "most": MOST[one]}
                if one in MOST
                else str(found[one]),
            }
            for one in COLOURS[self.option]
        ]

    def _unknown(self) -> int:
        """Past days of the season that have no colour: what was used on them has no price."""
        if self.option != "tempo":
            return 0
        today = ParameterPlace(Level.OPERATOR_PROGRAMME).today(self.actor.programme)
        return sum(1 for day in season_days(self.season) if day < today and day not in self.colours)

    def _months(self) -> list[dict[str, Any]]:
        """A row a month of the season, a cell a day, with a word for those who do not see the shape."""
        firsts = [date(self.season + (month < 9), month, 1) for month in (9, 10, 11, 12, *range(1, 9))]
        return [
            {
                "label": date_format(first, "M"),
                "name": releve.local_month(first),
                "url": self.address(first),
                "current": first == self.month,
                "cells": [self._cell(day) for day in month_days(first)],
                "rest": range(31 - len(month_days(first))),
            }
            for first in firsts
        ]

    def _cell(self, day: date) -> dict[str, str]:
        colour = self.colours.get(day, "")
        word = (
            Colour(colour).label
            if colour
            else _("normal day")
            if self.option == "ejp"
            else _("not announced")
        )
        return {"shape": SHAPES[colour], "colour": colour or "none", "word": str(word)}
