"""Somebody to whom the portal owes mails: each is meant in a transaction, and noted only after its commit.

Prints `owed N` once committed, `unknown N` where the database went away in between: that one may come or not.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from typing import Any

import django

django.setup()

from django.db import Error, connection, transaction  # noqa: E402 - Django has to be up
from django.utils import timezone  # noqa: E402

from accounts.outbox import mail_enqueue  # noqa: E402

going = True


def _stop(number: int, frame: Any) -> None:
    global going
    going = False


def main() -> None:
    signal.signal(signal.SIGTERM, _stop)
    pause = float(sys.argv[1])
    number = 0
    while going:
        context = {"email": f"m{number}@owed.example", "at": timezone.now().isoformat()}
        word = "owed"
        try:
            with transaction.atomic():
                mail_enqueue(kind="password_changed", recipient=f"m{number}@owed.example", context=context)
        except Error:
            word = "unknown"
            with contextlib.suppress(Error):
                connection.close()
            time.sleep(0.2)
        print(word, number, flush=True)
        number += 1
        time.sleep(pause)


if __name__ == "__main__":
    main()
