"""After a change of SECRET_KEY: what lies encrypted is closed again with the present key.

Everything else renews itself: a session when its person comes back, a server's token when it is used. Links in
mails cannot, and end within INVITATION_DAYS.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.factors.adapter import seal, unseal

SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


@transaction.atomic
def factors_rekey() -> int:
    """How many second factors were closed anew."""
    count = 0
    rows = Authenticator.objects.select_for_update().filter(type__in=SEALED).order_by("pk")
    for row in rows:
        name = SEALED[row.type]
        if name in row.data:
            row.data[name] = seal(unseal(row.data[name]))
            row.save(update_fields=["data"])
            count += 1
    return count
