"""What the journal says about the desk's work."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from accounts.audit.sentences import register_sentences


def register() -> None:
    register_sentences(
        {
            "application.sent": gettext_lazy("Application for a point number sent, contract %(name)s"),
            "application.withdrawn": gettext_lazy(
                "Application for a point number withdrawn, contract %(name)s"
            ),
            "application.refused": gettext_lazy("Application for a point number refused, contract %(name)s"),
            "application.assigned": gettext_lazy("Point number %(number)s assigned, contract %(name)s"),
            "contract.imported": gettext_lazy("List of contracts taken in: %(new)s new, %(changed)s changed"),
            "contract.claim_ended": gettext_lazy("Claim of %(person)s on contract %(name)s ended"),
            "point.created": gettext_lazy("Metering point %(name)s made"),
            "point.edited": gettext_lazy("Metering point %(name)s edited"),
            "point.retired": gettext_lazy("Metering point %(name)s put out of service"),
            "point.restored": gettext_lazy("Metering point %(name)s put back into service"),
            "point.terms_set": gettext_lazy("Metering point %(name)s: load %(load)s Gcal/h from %(day)s"),
            "point.terms_dropped": gettext_lazy(
                "Metering point %(name)s: load %(load)s Gcal/h from %(day)s taken back"
            ),
            "contract.created": gettext_lazy("Contract %(name)s made"),
            "contract.edited": gettext_lazy("Contract %(name)s edited"),
            "archives.ordered": gettext_lazy("Archives from %(first)s to %(last)s ordered"),
            "reminders.sent": gettext_lazy("Reminders of %(period)s sent: %(count)s"),
            "desk.settings": gettext_lazy("Settings of the utility's desk changed"),
            "archives.exported": gettext_lazy("Archives from %(first)s to %(last)s downloaded"),
        }
    )
