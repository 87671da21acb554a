"""The consumer's way from the shop to the receipt, step by step. Pictures are made by `manage.py help_pictures`."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import Permission, ProgrammeRequest

LANGUAGES = ("ru", "fr", "en")


def picture(name: str) -> str:
    """The address of a picture in the reader's language, in Russian where there is none; empty without any."""
    language = (get_language() or "ru")[:2]
    for one in (language, "ru"):
        path = f"portal/help/{one}/{name}.webp"
        if finders.find(path):
            return static(path)
    return ""


def help_steps(request: ProgrammeRequest) -> list[dict[str, Any]]:
    """label, text, picture (an address, or nothing), alt; url and action where the step is one click away."""
    slug = request.programme.slug
    contracts = reverse("contract_list", args=[slug])
    uploads = reverse("upload_list", args=[slug])
    own = request.actor.may(Permission.SEE_OWN_CONTRACTS)
    steps = [
        (_("Add your contract"), "contract_add",
         _("In the personal account press “Add”: kind, city, number and the phone number of the contract's holder."),
         _("The form with kind, city, number and phone"),
         (reverse("contract_add", args=[slug]), _("Add a contract")) if own else None),
        (_("Apply for a metering point number"), "application",
         _("On the contract's page choose “Apply for a number”. The number comes by mail."),
         _("The application with name, address and servicing organisation"), (contracts, _("Contracts"))),
        (_("Bring the settings file into the field console"), "console_import",
         _("Save the settings file from the contract's page, open the console and choose “Settings file” there: "
           "your metering points appear with their numbers. Do not change the number."),
         _("The console's page for the settings file"), None),
        (_("Set up the meter"), "console_meter",
         _("In the properties of the point choose the meter's model, the serial port of the optical head, speed and "
           "address, and which cells hold which parameter."),
         _("The properties of a metering point in the console"), None),
        (_("Poll the meter"), "console_poll",
         _("Put the head on the meter, choose the period and the kinds of archive, press “Start”. The file then lies "
           "in the folder with the data."),
         _("The poll with period, kinds of archive and journal"), None),
        (_("Send the file"), "upload",
         _("Send the XML file here: each file finds its metering point by the number in it. You see what is new "
           "before anything is replaced, and get a receipt on the page, by mail and as PDF."),
         _("The page on which files are sent"), (uploads, _("Files sent"))),
        (_("Look at your archive"), "archive",
         _("On the page of the metering point stand table and chart of each parameter, and two periods can be "
           "compared."),
         _("The archive of a metering point with its chart"), None),
    ]  # fmt: skip
    return [
        {
            "label": label, "text": text, "picture": picture(name), "alt": alt,
            "url": link[0] if link else "", "action": link[1] if link else "",
        }
        for label, name, text, alt, link in steps
    ]  # fmt: skip
