"""The table of pages under /p/<slug>/, from the tables of the apps."""

from __future__ import annotations

from accounts.models import Role
from testkit.matrix.accounts import ACCOUNTS
from testkit.matrix.portal import PORTAL
from testkit.matrix.readings_housing import HOUSING
from testkit.matrix.readings_utility import DESK
from testkit.matrix.row import Row
from testkit.matrix.servers import SERVERS
from testkit.matrix.tariffs import TARIFFS

PAGES: dict[str, Row] = {**PORTAL, **ACCOUNTS, **SERVERS, **TARIFFS, **HOUSING, **DESK}

# A permitted POST that changes no row: the invited person has followed the link already, there is no alarm.
CHANGES_NOTHING = {"occupant_invite", "server_twin_dismiss"}

# pages that name an object in their body or query, not in their path: (page, method, role, field, its object)
REFERENCES = [
    ("occupant_create", "POST", Role.OPERATOR, "dwelling", "neighbour"),
    ("occupant_home", "GET", Role.OCCUPANT, "dwelling", "dwelling"),
    ("home_tariffs", "GET", Role.OCCUPANT, "dwelling", "dwelling"),
    ("import_send_on", "POST", Role.CONSUMER, "point", "point"),
]
