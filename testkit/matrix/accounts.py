"""Pages of accounts/, under /p/<slug>/."""

from __future__ import annotations

from testkit.matrix.row import ADDRESS, ADMIN, FORM, POST, STAFF, Row
from testkit.people import CHOSEN
from testkit.world import PASSWORD

ACCOUNTS: dict[str, Row] = {
    "programme_account": Row(ADMIN, FORM, body=lambda side: {"town": "Lyon"}),
    "account_email": Row(ADMIN, FORM, body=ADDRESS),
    "account_password": Row(
        ADMIN, FORM, body=lambda s: {"current": PASSWORD, "password": CHOSEN, "password_again": CHOSEN},
    ),
    "audit": Row(STAFF),
    "mail_list": Row(STAFF),
    "mail_retry": Row(STAFF, POST, "mail"),
    "operator_list": Row(ADMIN, FORM, body=ADDRESS),
    "operator_change": Row(ADMIN, FORM, "operator", ADDRESS),
    "operator_remove": Row(ADMIN, FORM, "operator"),
    "operator_buildings": Row(
        ADMIN, FORM, "operator", lambda s: {"scope": "some", "buildings": [s.ids["building"]]}
    ),
}  # fmt: skip
