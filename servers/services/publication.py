"""A publication: the document is stored at once, checked and applied by a job, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from accounts.jobs import job_enqueue
from accounts.models import Job, Programme
from servers.models import Publication, Server
from servers.publication_document import Document, Fault, read_document
from servers.services.publication_difference import Difference
from servers.services.publication_estate import devices_apply, estate_apply
from servers.services.publication_faults import faults_as_json
from servers.services.publication_meters import PublicationRefused, meters_apply
from servers.services.publication_registers import registers_apply

JOB = "publication"
OPEN = (Publication.State.QUEUED, Publication.State.RUNNING)


@transaction.atomic
def publication_store(*, server: Server, activation: int, document: dict[str, Any]) -> Publication:
    """Keep the document and want it applied. The same revision with the same content is the same publication.

    `activation` is the credential's epoch: a box set up anew counts its revisions from the start.
    Raises `DomainError` revision_reused (another content) or revision_stale (older than one that is there).
    """
    Server.objects.select_for_update().get(pk=server.pk)  # two at once wait for each other here
    revision = document["revision"]
    digest = hashlib.sha256(
        json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()
    known = Publication.objects.filter(server=server, activation=activation).defer("document")
    same: Publication | None = known.filter(revision=revision).first()
    if same is not None:
        if same.body_sha256 != digest:
            raise DomainError(
                "revision_reused", _("This revision was published before with another content: raise it.")
            )
        if publication_stuck(same):
            _want(same)
        return same
    if known.filter(revision__gt=revision).exists():
        raise DomainError("revision_stale", _("A newer revision has been published already."))
    publication = Publication(
        server=server,
        activation=activation,
        revision=revision,
        body_sha256=digest,
        document=_without_unshared(document),
    )
    _want(publication)
    return publication


def _want(publication: Publication) -> None:
    publication.job = job_enqueue(
        kind=JOB, ref=str(publication.public_id), programme_id=publication.server.programme_id
    )
    publication.save()


def publication_stuck(publication: Publication) -> bool:
    """Its job gave up, so nobody will come to a verdict; publishing the same again starts a new one."""
    job = publication.job
    return publication.state in OPEN and job is not None and job.state == Job.State.FAILED


def _without_unshared(document: dict[str, Any]) -> dict[str, Any]:
    """What is not shared does not arrive: of such a register only its ref is kept, to throw its readings away."""

    def kept(register: dict[str, Any]) -> dict[str, Any]:
        return register if register.get("shared") else {"ref": register["ref"], "shared": False}

    meters = [
        {**meter, "registers": [kept(register) for register in meter.get("registers", ())]}
        for meter in document.get("meters", ())
    ]
    return {**document, "meters": meters}


def publication_run(*, public_id: uuid.UUID) -> None:
    """Check and apply one publication in the scope of its programme. Running it again changes nothing."""
    publication = Publication.objects.select_related("server").filter(public_id=public_id).first()
    if publication is None or publication.state not in OPEN:
        return
    document, faults = read_document(publication.document)
    if document is None:
        _refuse(publication, faults)
        return
    try:
        _apply(publication, document)
    except PublicationRefused as refused:
        _refuse(publication, refused.faults)


def _refuse(publication: Publication, faults: list[Fault]) -> None:
    publication.faults = faults_as_json(faults)
    publication.state = Publication.State.REFUSED
    publication.save(update_fields=["faults", "state"])


@transaction.atomic
def _apply(publication: Publication, document: Document) -> None:
    # Two servers of a programme may publish at once and share a building. Not the strong lock: rows of this
    # programme that are written meanwhile (readings) hold a key lock on it.
    Programme.objects.select_for_update(no_key=True).get(pk=publication.programme_id)
    server = Server.objects.get(pk=publication.server_id)
    newer = Publication.objects.filter(server=server, state=Publication.State.DONE, pk__gt=publication.pk)
    if newer.exists() or server.removed_at is not None:
        raise PublicationRefused([Fault("revision", "superseded")])
    at = publication.created_at.replace(microsecond=0)
    difference = Difference()
    places = estate_apply(server=server, document=document, at=at, difference=difference)
    wanted, at = meters_apply(
        server=server, entries=document.meters, places=places, at=at, difference=difference
    )
    registers_apply(wanted=wanted, at=at, difference=difference)
    devices_apply(server=server, entries=document.devices, places=places, at=at, difference=difference)
    now = timezone.now()
    server.published_at = now
    server.save(update_fields=["published_at"])
    publication.difference = difference.as_json()
    publication.state, publication.applied_at = Publication.State.DONE, now
    publication.save(update_fields=["difference", "state", "applied_at"])
    # readings that came before anybody knew their meters find a place now (the handler is readings')
    job_enqueue(
        kind="parked_replay",
        ref=str(server.pk),
        programme_id=server.programme_id,
        key=f"parked:{server.pk}",
    )
