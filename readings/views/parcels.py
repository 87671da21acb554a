"""Several files at once, each an import of its own: what was sent together is shown together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.access import ProgrammeRequest
from accounts.errors import DomainError
from readings.forms import UploadForm
from readings.imports.services import import_upload
from readings.models import ImportJob
from servers.models import MeteringPoint


@dataclass
class Sent:
    parcel: uuid.UUID
    jobs: list[ImportJob] = field(default_factory=list)
    known: list[str] = field(default_factory=list)  # public ids of imports of the same bytes

    def __bool__(self) -> bool:
        return bool(self.jobs or self.known)


def files_send(request: ProgrammeRequest, form: UploadForm, *, point: MeteringPoint | None) -> Sent:
    """Queue each file of a valid form. A file that is refused at once stands among the form's errors."""
    files = form.cleaned_data["file"]
    sent = Sent(uuid.uuid4())
    for file in files:
        several = len(files) > 1
        try:
            job = import_upload(
                actor=request.actor, file=file, point=point, parcel=sent.parcel if several else None,
                replace=form.cleaned_data.get("replace", False), check_first="check" in request.POST,
            )  # fmt: skip
        except DomainError as error:
            text = f"{file.name}: {error}" if several else str(error)
            if error.code == "already_imported":
                messages.info(request, text)
                sent.known.append(error.data["job"])
            else:
                form.add_error("file", text)
        else:
            sent.jobs.append(job)
    if sent and form.errors:  # the others are on their way, so the page of the parcel tells it
        for told in form.errors.get("file", ()):
            messages.error(request, str(told))
    return sent


def sent_to(request: ProgrammeRequest, sent: Sent) -> HttpResponse:
    slug = request.programme.slug
    if len(sent.jobs) == 1 and not sent.known:
        return redirect("import_detail", slug, sent.jobs[0].public_id)
    if not sent.jobs and len(sent.known) == 1:
        return redirect("import_detail", slug, sent.known[0])
    return redirect(f"{reverse('upload_list', args=[slug])}?parcel={sent.parcel}")
