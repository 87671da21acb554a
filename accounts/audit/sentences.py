"""Each action of the trace as a sentence. A test fails on an action that has none.

`%(name)s` is the thing's present name (`accounts.audit.names`), the rest comes from the entry's detail.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEntry

SENTENCES: dict[str, Any] = {
    "programme.created": gettext_lazy("Programme made"),
    "programme.account_changed": gettext_lazy("Address of the programme changed"),
    "administrator.invited": gettext_lazy("Administrator invited: %(email)s"),
    "administrator.invited_again": gettext_lazy("Administrator invited again: %(email)s"),
    "administrator.accepted": gettext_lazy("Administrator accepted: %(email)s"),
    "administrator.removed": gettext_lazy("Administrator removed: %(email)s"),
    "administrator.handover_asked": gettext_lazy("Hand-over of the programme to %(email)s asked for"),
    "administrator.handed_over": gettext_lazy("Programme handed over from %(from)s to %(to)s"),
    "operator.invited": gettext_lazy("Operator invited: %(email)s"),
    "operator.invited_again": gettext_lazy("Operator invited again: %(email)s"),
    "operator.accepted": gettext_lazy("Operator accepted: %(email)s"),
    "operator.removed": gettext_lazy("Operator removed: %(email)s"),
    "operator.buildings_changed": gettext_lazy("Buildings of the operator %(email)s changed"),
    "occupant.invited": gettext_lazy("Occupant invited: %(email)s"),
    "occupant.invited_again": gettext_lazy("Occupant invited again: %(email)s"),
    "occupant.accepted": gettext_lazy("Occupant accepted: %(email)s"),
    "occupant.removed": gettext_lazy("Occupant's access removed: %(email)s"),
    "consumer.invited": gettext_lazy("Consumer joining: %(email)s"),
    "consumer.invited_again": gettext_lazy("Consumer joining again: %(email)s"),
    "consumer.accepted": gettext_lazy("Consumer joined: %(email)s"),
    "consumer.removed": gettext_lazy("Consumer removed: %(email)s"),
    "person.erased": gettext_lazy("Account erased at the person's own wish"),
    "occupancy.created": gettext_lazy("Moved in: %(name)s, from %(move_in)s"),
    "occupancy.changed": gettext_lazy("Occupancy corrected: %(name)s"),
    "occupancy.ended": gettext_lazy("Moved out: %(name)s"),
    "occupancy.removed": gettext_lazy("Occupancy removed: %(name)s"),
    "rights.changed": gettext_lazy("Rights of the occupants changed"),
    "rights.exception_changed": gettext_lazy("Rights of one occupant changed"),
    "server.created": gettext_lazy("Server registered: %(name)s"),
    "server.edited": gettext_lazy("Server renamed: %(name)s"),
    "server.twin_dismissed": gettext_lazy("Alarm of a second device with the same secret closed: %(name)s"),
    "server.password_renewed": gettext_lazy("New password for the server %(name)s"),
    "server.replaced": gettext_lazy("Server replaced: %(old)s by %(new)s"),
    "server.removed": gettext_lazy("Server removed: %(old)s"),
    "device.settings": gettext_lazy("Settings of the devices changed"),
    "device.ordered": gettext_lazy("Device switched: %(device)s, %(command)s"),
    "meter.edited": gettext_lazy("Meter edited: %(name)s"),
    "meter.exchanged": gettext_lazy("Meter exchanged"),
    "meter.exchange_undone": gettext_lazy("Exchange of a meter undone"),
    "meter.found_noted": gettext_lazy("A meter found by a scan was noted"),
    "parameters.changed": gettext_lazy("Parameters changed: %(name)s"),
    "colours.changed": gettext_lazy("Colours of days changed"),
    "parameters.reset": gettext_lazy("Parameters set back to the default values: %(name)s"),
    "reading.entered": gettext_lazy("Reading sent in by hand"),
    "reading.corrected": gettext_lazy("Reading sent in by hand corrected"),
    "reading.accept": gettext_lazy("Reading accepted"),
    "reading.reject": gettext_lazy("Reading rejected"),
    "reading.confirm": gettext_lazy("Interval confirmed"),
    "reading.unconfirm": gettext_lazy("Confirmation of an interval withdrawn"),
    "reading.correct": gettext_lazy("Reading corrected"),
    "reading.restore": gettext_lazy("Correction of a reading withdrawn"),
    "review.undo": gettext_lazy("Decision on a reading taken back"),
    "review.limits": gettext_lazy("Limits of the review changed"),
    "archive.uploaded": gettext_lazy("Archive file handed in"),
    "archive.confirmed": gettext_lazy("Archive file confirmed"),
    "archive.cancelled": gettext_lazy("Archive file withdrawn"),
    "archive.imported": gettext_lazy("Archive file taken in"),
    "archive.receipt_mailed": gettext_lazy("Receipt of an archive file mailed"),
    "archive.undone": gettext_lazy("Archive file undone"),
    "table.uploaded": gettext_lazy("Table handed in"),
    "table.mapped": gettext_lazy("Columns of a table assigned"),
    "lers_profile.changed": gettext_lazy("Profile of the archive files changed"),
    "sheet.resent": gettext_lazy("Monthly sheet sent again"),
    "sheet.settings": gettext_lazy("Settings of the monthly sheet changed"),
    "statement.period_closed": gettext_lazy("Month closed: %(month)s"),
    "statement.period_reopened": gettext_lazy("Month opened again: %(month)s, because: %(reason)s"),
    "statement.imported": gettext_lazy("Statement lines taken in: %(file)s"),
    "statement.bill_ordered": gettext_lazy("Bill ordered: contract %(number)s, %(month)s"),
    "contract.claimed": gettext_lazy("Contract added to an account: %(name)s"),
    "contract.unclaimed": gettext_lazy("Contract removed from an account: %(name)s"),
    "consumption.seen": gettext_lazy("Looked at the consumption of %(name)s"),
    "contract.seen": gettext_lazy("Looked at the contract %(name)s"),
}

# what one may choose in the filter: (code, label, how the actions begin)
KINDS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("people", gettext_lazy("People and roles"),
     ("administrator.", "operator.", "occupant.", "consumer.", "person.", "programme.")),
    ("occupants", gettext_lazy("Occupants and rights"), ("occupancy.", "rights.")),
    ("servers", gettext_lazy("Servers and devices"), ("server.", "device.", "meter.")),
    ("parameters", gettext_lazy("Parameters"), ("parameters.", "colours.")),
    ("data", gettext_lazy("Readings and archives"),
     ("reading.", "review.", "archive.", "table.", "lers_profile.", "sheet.")),
    ("contracts", gettext_lazy("Contracts"),
     ("contract.", "statement.", "application.", "tariff.", "point.", "desk.", "reminders.", "archives.")),
    ("looks", gettext_lazy("Views of consumption"), ("consumption.seen", "contract.seen")),
)  # fmt: skip


def register_sentences(sentences: dict[str, Any]) -> None:
    """Apps further left word their own actions: {"statement.loaded": gettext_lazy("…")}."""
    SENTENCES.update(sentences)


def sentence_of(entry: AuditEntry, name: str) -> str:
    """`name`: what the target is called now; where nothing is known the words of the entry itself stand in."""
    template = SENTENCES.get(entry.action)
    if template is None:
        return _("Something else was changed (%(action)s)") % {"action": entry.action}
    detail = entry.detail if isinstance(entry.detail, dict) else {}
    known = {key: value for key, value in detail.items() if isinstance(value, str | int)}
    words: dict[str, Any] = defaultdict(lambda: "—", known)
    if name or "name" not in words:
        words["name"] = name or "—"
    return (str(template) % words).removesuffix("—").rstrip(" :\xa0")
