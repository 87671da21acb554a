"""The portal's worker, which waits less long: leases of 2 s and short pauses, so that a run of the storm ends.

`ILL=leaseless` is a control: a job whose worker died belongs to nobody and is never taken up again.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import django

from portal.celery import app as app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db.models import Q  # noqa: E402 - needs the apps

from accounts import jobs  # noqa: E402
from accounts.models import Job  # noqa: E402

for name, kind in jobs._kinds.items():
    jobs._kinds[name] = replace(kind, lease=timedelta(seconds=2))
jobs.AGAIN_SECONDS = 0.2

if os.environ.get("ILL") == "leaseless":
    jobs._claimable = lambda now: Q(state=Job.State.QUEUED, due_at__lte=now)
