"""Two programmes with a building and two dwellings each, and the addresses of their parameters pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from accounts.tenancy import tenant_scope
from servers.models import Dwelling, Occupancy
from tariffs.forms import PARTED
from tariffs.models import ParameterValue
from testkit.estate import Home, make_home
from testkit.world import Housing, World


@dataclass
class Side:
    housing: Housing
    home: Home  # where the occupant lives since 2026-01-01
    other: Dwelling  # next door

    @property
    def slug(self) -> str:
        return self.housing.programme.slug

    def url(self, place: str = "programme", page: str = "tariffs") -> str:
        inside = {
            "programme": "",
            "building": f"buildings/{self.home.dwelling.building.public_id}/",
            "dwelling": f"dwellings/{self.home.dwelling.public_id}/",
            "other": f"dwellings/{self.other.public_id}/",
            "home": "home/",
        }[place]
        return f"/p/{self.slug}/{inside}parameters/{page}/"

    def rows(self, **wanted: Any) -> list[tuple[Any, ...]]:
        """(level, key, value, valid_from, valid_to) of what is stored, oldest first."""
        with tenant_scope(self.housing.programme.pk):
            found = ParameterValue.objects.filter(**wanted).order_by("level", "key", "valid_from")
            return list(found.values_list("level", "key", "value", "valid_from", "valid_to"))


def make_side(housing: Housing, ref: str) -> Side:
    home = make_home(housing.programme, ref, f"Appartement {ref}")
    other = make_home(housing.programme, f"{ref}-next", f"Voisin {ref}").dwelling
    for user in (housing.administrator, housing.operator, housing.occupant):
        user.language = "fr"
        user.save(update_fields=["language"])
    with tenant_scope(housing.programme.pk):
        Occupancy.objects.create(dwelling=home.dwelling, user=housing.occupant, move_in=date(2026, 1, 1))
    return Side(housing, home, other)


def make_sides(world: World) -> tuple[Side, Side]:
    return make_side(world.ours, "A-101"), make_side(world.theirs, "B-900")


def sent(client: Any, url: str, **changes: str) -> dict[str, str]:
    """What a browser would post: everything that the page shows, with `changes` typed over it."""
    form = client.get(url).context["form"]
    data = {f"shown-{key}": form.shown(key) for key in form.parameters}
    for key, parameter in form.parameters.items():
        value = str(form[key].value())
        if parameter.kind in PARTED:
            data[f"{key}_0"], data[f"{key}_1"] = PARTED[parameter.kind](value)
        else:
            data[key] = value
    data["valid_from"] = form["valid_from"].value().isoformat()
    return {**data, **changes}


def save(client: Any, url: str, **changes: str) -> Any:
    response = client.post(url, sent(client, url, **changes))
    assert response.status_code == 302, response.context["form"].errors
    return response


def words(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))
