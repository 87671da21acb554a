"""Mail with proof: the intent is a row written with the change, a worker sends it, a retry is safe.

A mail that carries a secret (a link, a server's password) gets it from a `secrets` function at the moment of
sending; only the secret's HMAC is stored, and a retry makes a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from email.mime.image import MIMEImage
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from accounts.jobs import job_enqueue
from accounts.models import Membership, OutboxMessage, User
from accounts.templatetags.releve import local_time

Secrets = Callable[[OutboxMessage], dict[str, Any]]
Pictures = Callable[[dict[str, Any]], dict[str, bytes]]  # the mail's context -> PNG by Content-ID
Papers = Callable[[dict[str, Any]], dict[str, bytes]]  # the mail's context -> PDF by file name


@dataclass(frozen=True)
class _MailKind:
    subject: Callable[[dict[str, Any]], str]
    secrets: Secrets | None
    pictures: Pictures | None = None
    papers: Papers | None = None


_kinds: dict[str, _MailKind] = {}
State = OutboxMessage.State
TRIES = 20  # over about 80 minutes; then it is shown as not sent, and can be tried again by hand
NOT_NEEDED = "not needed: "


class MailNotNeeded(Exception):
    """What the mail was about is gone (an invitation taken back): it is not sent, and that is no fault."""


def mail_kind(
    kind: str,
    *,
    subject: Callable[[dict[str, Any]], str],
    secrets: Secrets | None = None,
    pictures: Pictures | None = None,
    papers: Papers | None = None,
) -> None:
    """Register a mail: templates `mail/<kind>.txt` and `.html`, its subject, what makes its secrets, the pictures
    that the HTML shows inline as `cid:<name>`, and the PDFs that go along with it."""
    _kinds[kind] = _MailKind(subject, secrets, pictures, papers)


def _attach(mail: EmailMultiAlternatives, pictures: dict[str, bytes]) -> None:
    for name, content in pictures.items():
        image = MIMEImage(content, "png")
        image.add_header("Content-ID", f"<{name}>")
        image.add_header("Content-Disposition", "inline", filename=f"{name}.png")
        mail.attach(image)
    if pictures:
        mail.mixed_subtype = "related"  # type: ignore[attr-defined]


def zones_of(emails: Collection[str]) -> dict[str, str]:
    """The time zone of each person: that of their first programme."""
    rows = Membership.objects.filter(user__email__in=emails, accepted_at__isnull=False).order_by("-pk")
    return dict(rows.values_list("user__email", "programme__time_zone"))


def person_moment(user: User) -> dict[str, str]:
    """What a mail's context needs to say when something happened: now, and the zone the person lives in."""
    return {"at": timezone.now().isoformat(), "zone": zones_of({user.email}).get(user.email, "UTC")}


def _when(context: dict[str, Any]) -> dict[str, str]:
    """`when`, in the reader's language and zone, with the distance to UTC for the reader who is elsewhere."""
    if "at" not in context:
        return {}
    moment = datetime.fromisoformat(context["at"]).astimezone(ZoneInfo(context.get("zone", "UTC")))
    offset = f"{moment:%z}"
    return {"when": f"{local_time(moment, moment.tzinfo)} (UTC{offset[:3]}:{offset[3:]})"}


@transaction.atomic
def mail_enqueue(
    *,
    kind: str,
    recipient: str,
    language: str = "fr",
    programme_id: int | None = None,
    context: dict[str, Any] | None = None,
) -> OutboxMessage:
    """Intend one mail. `context` is stored: names and ids, never a secret."""
    if kind not in _kinds:
        raise LookupError(f"no mail of kind {kind}")
    message = OutboxMessage.objects.create(
        kind=kind, recipient=recipient, language=language, programme_id=programme_id, context=context or {}
    )
    job_enqueue(kind="mail", ref=str(message.pk), programme_id=programme_id)
    return message


@transaction.atomic
def mails_take_back(*, kinds: Collection[str], why: str, **about: Any) -> int:
    """Mails that were not sent and must not go out any more, because what they allow has ended; how many. One that
    was given up is among them: nobody sends it again by hand.

    `about` narrows them by columns, or by `context__…`. Call it before the links themselves are ended: a mail that
    is just being sent has then made its link, and that one ends with them.
    """
    unsent = OutboxMessage.objects.filter(kind__in=kinds, **about).exclude(state=State.SENT)
    return unsent.update(state=State.FAILED, error=f"{NOT_NEEDED}{why}"[:200])


def message_send(*, message_id: int) -> None:
    """Render and send one message, once; what is sent stays sent, and what was taken back is not sent."""
    message = OutboxMessage.objects.get(pk=message_id)
    kind = _kinds[message.kind]
    row = OutboxMessage.objects.filter(pk=message.pk)
    try:
        with transaction.atomic(), translation.override(message.language):
            # the row stays locked until the secret is stored: whoever takes the mail back waits, and ends it
            if not row.filter(state=State.QUEUED).update(attempts=F("attempts") + 1):
                return
            secrets = kind.secrets(message) if kind.secrets is not None else {}
        _render_and_send(message, kind, secrets)
    except MailNotNeeded as reason:
        row.update(state=State.FAILED, error=f"{NOT_NEEDED}{reason}"[:200])
        return
    except Exception as error:
        tries = message.attempts + 1
        # the class alone: what a mail server answers may repeat the mail
        row.filter(state=State.QUEUED).update(
            state=State.FAILED if tries >= TRIES else State.QUEUED, attempts=tries, error=type(error).__name__
        )
        raise
    OutboxMessage.objects.filter(pk=message.pk).update(
        state=State.SENT, sent_at=timezone.now(), message_id=str(message.public_id), error=""
    )


@transaction.atomic
def mail_retry_now(*, message: OutboxMessage) -> bool:
    """Try a mail once more that was given up; False where there is nothing to try again."""
    again = OutboxMessage.objects.filter(pk=message.pk, state=State.FAILED)
    if not again.exclude(error__startswith=NOT_NEEDED).update(state=State.QUEUED, attempts=0, error=""):
        return False
    job_enqueue(kind="mail", ref=str(message.pk), programme_id=message.programme_id)
    return True


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


# where a subject says nothing without its details, or more than the kind alone
KIND_WORDS = {
    "bill": gettext_lazy("Bill"),
    "budget": gettext_lazy("Budget"),
    "entry_stored": gettext_lazy("Readings entered"),
    "import_finished": gettext_lazy("Uploaded file"),
    "leak": gettext_lazy("Leak"),
    "number_decided": gettext_lazy("Application for a number"),
    "occupant_invited": gettext_lazy("Invitation of an occupant"),
    "readings_due": gettext_lazy("Reminder to send readings"),
    "server_added": gettext_lazy("New server"),
    "server_back": gettext_lazy("Server is back"),
    "server_password": gettext_lazy("New password of a server"),
    "server_silent": gettext_lazy("Server is silent"),
    "server_twin": gettext_lazy("Copy of a server"),
    "sheet": gettext_lazy("Monthly sheet"),
    "utility_joined": gettext_lazy("Registration of a consumer"),
}


def kind_label(kind: str) -> str:
    """What a kind of mail is about, in the reader's words: often its subject."""
    known = _kinds.get(kind)
    if kind in KIND_WORDS or known is None:
        return str(KIND_WORDS.get(kind, kind.replace("_", " ")))
    try:
        return known.subject(_Blank()).removeprefix("Relevé – ")
    except Exception:  # noqa: BLE001 - a subject that needs its details; the list must open all the same
        return kind.replace("_", " ")


def _render_and_send(message: OutboxMessage, kind: _MailKind, secrets: dict[str, Any]) -> None:
    with translation.override(message.language):
        context = {
            **message.context,
            **_when(message.context),
            "site_url": settings.SITE_URL,
            "language": message.language,
            **secrets,
        }
        subject = " ".join(kind.subject(context).split())
        mail = EmailMultiAlternatives(
            subject=subject,
            body=render_to_string(f"mail/{message.kind}.txt", context),
            to=[message.recipient],
            # the same for each try, so that a doubled mail can be told from two mails
            headers={"Message-ID": f"<{message.public_id}@releve>", "Content-Language": message.language},
        )
        if "stop_url" in context:  # mail programs show it as a button of their own
            mail.extra_headers["List-Unsubscribe"] = f"<{context['stop_url']}>"
        mail.attach_alternative(render_to_string(f"mail/{message.kind}.html", context), "text/html")
        _attach(mail, kind.pictures(context) if kind.pictures else {})
        for name, content in kind.papers(context).items() if kind.papers else ():
            mail.attach(name, content, "application/pdf")
        mail.send()
