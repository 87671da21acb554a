"""The way to the pages that no entry of the menu leads to: a person's account, and what stands in their own menu."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Step = tuple[object, str]  # label, URL name

ACCOUNT: Step = (_("Account"), "own_account")
SECURITY: Step = (_("Security"), "own_security")
DATA: Step = (_("My data"), "own_data")
PROGRAMME_ACCOUNT: Step = (_("Account"), "programme_account")

# by URL name, from below the programme (or "My programmes") down; the last step is the page itself
TRAILS: dict[str, tuple[Step, ...]] = {
    "own_account": (ACCOUNT,),
    "own_email": (ACCOUNT, (_("E-mail address"), "")),
    "own_password": (ACCOUNT, (_("Password"), "")),
    "own_security": (ACCOUNT, SECURITY),
    "app_add": (ACCOUNT, SECURITY, (_("Set up an authenticator app"), "")),
    "app_remove": (ACCOUNT, SECURITY, (_("Remove the authenticator app"), "")),
    "passkey_add": (ACCOUNT, SECURITY, (_("Set up a passkey"), "")),
    "passkey_remove": (ACCOUNT, SECURITY, (_("Remove the passkey"), "")),
    "recovery_renew": (ACCOUNT, SECURITY, (_("Your recovery codes"), "")),
    "own_data": (ACCOUNT, DATA),
    "data_erase": (ACCOUNT, DATA, (_("Erase my account"), "")),
    "programme_account": (PROGRAMME_ACCOUNT,),
    "account_email": (PROGRAMME_ACCOUNT, (_("E-mail address"), "")),
    "account_password": (PROGRAMME_ACCOUNT, (_("Password"), "")),
    "audit": ((_("Journal"), ""),),
    "mail_list": ((_("Mails sent"), ""),),
    "looks": ((_("Who looked"), ""),),
    "search": ((_("Search"), ""),),
    "tour": ((_("Guided tour"), ""),),
    "rights": ((_("Rights"), ""),),
    "sheet_settings": ((_("Settings"), ""),),
    "server_by_dwelling": ((_("By dwelling"), ""),),
    "found_meters": ((_("Found by a scan"), ""),),
    "review_list": ((_("To review"), ""),),
    "review_limits": ((_("Limits"), ""),),
    "contract_import": ((pgettext_lazy("desk", "Import of contracts"), ""),),
    "claim_list": ((_("Claims"), ""),),
    "point_list": ((_("Metering points"), ""),),
    "archives_export": ((_("Archives"), ""),),
    "desk_settings": ((_("Settings"), ""),),
    "application_list": ((_("Applications"), ""),),
    "statement_import": ((_("Import statement lines and payments"), ""),),
    "period_reopen": ((_("Open again"), ""),),
}


def steps_of(name: str, slug: str | None) -> list[dict[str, str]]:
    """The steps below the programme; of a page within an entry of the menu those below that entry."""
    found = []
    for label, page in TRAILS.get(name, ()):
        found.append({"label": str(label), "url": _url(page, slug) if page and page != name else ""})
    return found


def _url(page: str, slug: str | None) -> str:
    try:
        return reverse(page, args=[slug] if slug else [])
    except NoReverseMatch:
        return reverse(page)
