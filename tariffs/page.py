"""What a parameters page shows, as prepared texts: the template only lays it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import Actor, Permission
from accounts.templatetags.releve import local_day
from accounts.texts import natural_key
from servers.doors import visible_buildings, visible_dwellings
from servers.models import Building, Dwelling
from tariffs.catalogue import PAGES, SECTIONS, Parameter
from tariffs.forms import SHOWN, ParametersForm
from tariffs.help import HELP
from tariffs.history import history_page
from tariffs.models import Level
from tariffs.places import ParameterPlace, building_place, dwelling_place
from tariffs.pricing import HEAT_PRICES
from tariffs.selectors import Parameters, own_value_counts, parameters_of_place
from tariffs.texts import full_label, is_unset, source_text, unit_text, value_text

OTHERS = "electricity_more"  # the seed's "+ Other tariffs", folded below the electricity
TITLES = {
    "tariffs": gettext_lazy("Tariffs"),
    "advanced": gettext_lazy("Advanced parameters"),
    "sharing": gettext_lazy("Allotment and units"),
}
# page address by kind of place and page
ADDRESSES = {
    ("programme", "tariffs"): "tariff_parameters",
    ("programme", "advanced"): "advanced_parameters",
    ("building", "tariffs"): "building_tariff_parameters",
    ("building", "advanced"): "building_advanced_parameters",
    ("programme", "sharing"): "sharing_parameters",
    ("building", "sharing"): "building_sharing_parameters",
    ("dwelling", "tariffs"): "dwelling_tariff_parameters",
    ("dwelling", "advanced"): "dwelling_advanced_parameters",
}


@dataclass
class ParametersPage:
    """One page (`tariffs` or `advanced`) of one place, for the person whose level the place names."""

    actor: Actor
    place: ParameterPlace
    page: str
    data: Any = None

    def __post_init__(self) -> None:
        self.today = self.place.today(self.actor.programme)
        self.values: Parameters = parameters_of_place(self.place)
        self.parameters = self._shown()
        self.form = ParametersForm(
            self.data, parameters=self.parameters, values=self.values, place=self.place, today=self.today
        )

    @property
    def title(self) -> str:
        return str(TITLES[self.page])

    def _shown(self) -> list[Parameter]:
        """Those that this place may set; heat is priced in the unit that it is read in."""
        other = "gcal" if self.values.at("heat_unit", self.today) == "kwh" else "kwh"
        hidden = {usage if other == "kwh" else f"{usage}_gcal" for usage in HEAT_PRICES}
        if not self.actor.programme.is_utility:
            hidden |= {"heating_capacity", "hot_water_capacity"}
        # a price that holds is never hidden, whatever its unit
        hidden = {key for key in hidden if not int(self.values.at(key, self.today))}
        return [one for one in PAGES[self.page] if self.place.kind in one.levels and one.key not in hidden]

    def context(self, history_number: Any) -> dict[str, Any]:
        rows = {parameter.key: self._row(parameter) for parameter in self.parameters}
        since = self.values.since(rows, self.today)
        history, changes = history_page(self.actor, self.place, self.page, history_number)
        return {
            "form": self.form,
            "title": self.title,
            "place_name": self.place_name,
            "crumbs": self._crumbs(),
            "tabs": self._tabs(),
            "sections": self._sections(rows),
            "shown": [(SHOWN + key, self.form.shown(key)) for key in rows],
            "since": since,
            "history": history,
            "changes": changes,
            "places": self._places(),
            "days_url": self._days_url(),
            "sharing_text": self._sharing_text(),
        }

    def _days_url(self) -> str:
        """Where the announced days stand; nobody but the staff sets them."""
        if self.place.level == Level.OCCUPANT_DWELLING:
            return ""
        return reverse("day_colours", args=[self.actor.programme.slug])

    def _sharing_text(self) -> str:
        """How the key is understood, and where living areas are missing for it."""
        if self.page != "sharing":
            return ""
        text = _(
            "Every dwelling of the building takes part, lived in or not; the parts sum to the whole exactly."
        )
        homes = visible_dwellings(self.actor).filter(retired_at=None, area_cm2=None)
        if self.place.building is not None:
            homes = homes.filter(building=self.place.building)
        missing = homes.count()
        if not missing:
            return text
        lacking = ngettext(
            "%(count)s dwelling has no living area: until it has one, its building is allotted in equal parts.",
            "%(count)s dwellings have no living area: until they have one, their building is allotted in equal parts.",
            missing,
        )
        return f"{text} {lacking % {'count': missing}}"

    def dropped(self) -> list[dict[str, str]]:
        """What *Default values* would drop: each own value beside the one that takes its place."""
        found = []
        for parameter in PAGES[self.page]:
            own = self.values.own(parameter.key, self.today, self.place.level)
            planned = self.values.planned(parameter.key, self.today, self.place.level)
            if own is None and planned is None:
                continue
            below = Level(self.place.level - 1) if self.place.level > 1 else None
            if below is None:
                then, level = parameter.default, None
            else:
                value = self.values.find(parameter.key, self.today, up_to=below)
                then, level = value.value, value.level
            found.append(
                {
                    "label": full_label(parameter),
                    "own": self._text(parameter, (own or planned).value),  # type: ignore[union-attr]
                    "then": self._text(parameter, then),
                    "source": source_text(level, self.place),
                }
            )
        return found

    def _text(self, parameter: Parameter, stored: str) -> str:
        return value_text(parameter, stored, self.actor.programme.currency)

    def _row(self, parameter: Parameter) -> dict[str, Any]:
        level = self.place.level
        found = self.values.find(parameter.key, self.today, up_to=level)
        field = self.form[parameter.key]
        field.help_text = " ".join(self._remarks(parameter, found.value))
        return {
            "parameter": parameter,
            "name": full_label(parameter),
            "about": HELP[parameter.key],
            "field": field,
            "unit": unit_text(parameter, self.actor.programme.currency),
            "source": source_text(found.level, self.place),
            "own": found.level == level,
        }

    def _remarks(self, parameter: Parameter, stored: str) -> list[str]:
        """That no price is set; that a nearer level's value holds instead; that a change is planned."""
        level, remarks = self.place.level, []
        if is_unset(parameter, stored):
            remarks.append(_("Price not set."))
        here = self.values.find(parameter.key, self.today)
        if here.level is not None and here.level > level:
            words = {
                "value": self._text(parameter, here.value),
                "source": source_text(here.level, self.place),
            }
            remarks.append(_("In force here: %(value)s (%(source)s).") % words)
        planned = self.values.planned(parameter.key, self.today, level)
        if planned is not None:
            words = {"day": local_day(planned.valid_from), "value": self._text(parameter, planned.value)}
            remarks.append(_("From %(day)s: %(value)s.") % words)
        return remarks

    def _sections(self, rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
        """In the order of the catalogue; the other electricity tariffs fold under the electricity."""
        found: dict[str, dict[str, Any]] = {}
        for row in rows.values():
            key = row["parameter"].section
            home = "electricity" if key == OTHERS else key
            section = found.setdefault(
                home, {"key": home, "title": SECTIONS[home], "rows": [], "more": [], "open": False}
            )
            section["more" if key == OTHERS else "rows"].append(row)
            # what is set here, or refused, is not hidden
            section["open"] |= key == OTHERS and (row["own"] or bool(row["field"].errors))
        return [found[key] for key in SECTIONS if key in found]

    @property
    def place_name(self) -> str:
        return str(self.place.dwelling or self.place.building or "")

    def _crumbs(self) -> list[dict[str, str]]:
        crumbs = [{"label": self.actor.programme.name}]
        if self.place.level == Level.OCCUPANT_DWELLING:
            return [*crumbs, {"label": self.place_name}]
        crumbs.append({"label": _("Parameters")})
        if self.place_name and self.actor.may(Permission.MANAGE_PARAMETERS):
            crumbs[-1]["url"] = self.url(ParameterPlace(Level.OPERATOR_PROGRAMME))
        if self.place.dwelling is not None:
            building = self.place.dwelling.building
            crumbs.append({"label": building.name, "url": self.url(building_place(building))})
        if self.place_name:
            crumbs.append({"label": self.place_name})
        return crumbs

    def url(self, place: ParameterPlace, page: str = "") -> str:
        here = place.dwelling or place.building
        args = [self.actor.programme.slug, *([here.public_id] if here else [])]
        return reverse(ADDRESSES[place.kind, page or self.page], args=args)

    def _tabs(self) -> list[dict[str, Any]]:
        if self.place.level == Level.OCCUPANT_DWELLING:
            return []
        tabs: list[dict[str, Any]] = [
            {"label": label, "url": self.url(self.place, page), "current": page == self.page}
            for page, label in TITLES.items()
            if (self.place.kind, page) in ADDRESSES
        ]
        if self.place.kind == "programme" and self.actor.may(Permission.MANAGE_RIGHTS):
            try:
                url = reverse("rights", args=[self.actor.programme.slug])
            except NoReverseMatch:
                return tabs
            tabs.append({"label": _("Rights"), "url": url, "current": False})
        return tabs

    def _places(self) -> list[dict[str, Any]]:
        """The places below this one, for an operator, with the number of values that each sets."""
        if self.place.dwelling is not None or not self.actor.may(Permission.MANAGE_PLACE_PARAMETERS):
            return []
        level = Level.OPERATOR_DWELLING if self.place.building else Level.OPERATOR_BUILDING
        if ("dwelling" if self.place.building else "building", self.page) not in ADDRESSES:
            return []
        counts = own_value_counts(self.today, level, [parameter.key for parameter in self.parameters])
        here: list[Building | Dwelling]
        if self.place.building is not None:
            here = list(visible_dwellings(self.actor).filter(building=self.place.building, retired_at=None))
        else:
            here = list(visible_buildings(self.actor))
        return [
            {"name": one.name, "url": self.url(self._below(one)), "count": counts.get(one.pk, 0)}
            for one in sorted(here, key=lambda one: natural_key(one.name))
        ]

    @staticmethod
    def _below(one: Building | Dwelling) -> ParameterPlace:
        return dwelling_place(one) if isinstance(one, Dwelling) else building_place(one)
