"""Steps that several account tests take: fill in a form, find a link in a mail."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.core import mail
from django.test import Client

from accounts import captcha
from accounts.jobs import run_due_jobs

CHOSEN = "Hiver à 19 degrés"
CHALLENGE = re.compile(r'name="challenge" value="([^"]+)"')


def visitor(**options: Any) -> Client:
    """A browser with a network address of its own, so that counted tries of other tests do not add up."""
    part = uuid.uuid4().hex
    return Client(REMOTE_ADDR=f"2001:db8:{part[:4]}:{part[4:8]}::1", **options)


def challenge_of(page: Any) -> str:
    found = CHALLENGE.search(page.content.decode())
    assert found, "no question on the page"
    return found[1]


def fill(client: Client, path: str, **data: Any) -> Any:
    """Open a form with the question, answer it, send it."""
    challenge = challenge_of(client.get(path))
    answer = captcha.solution(challenge)
    return client.post(path, {"challenge": challenge, "captcha": answer, **data})


def twice(email: str) -> dict[str, str]:
    return {"email": email, "email_again": email}


def mails_to(address: str) -> list[Any]:
    """What the worker sends now, to one person."""
    run_due_jobs()
    return [message for message in mail.outbox if message.to == [address]]


def link_in(message: Any) -> str:
    """The path of the link, the same in both forms of the mail."""
    links = set(re.findall(r"https?://[^\s\"<]+/(?:activate|password|account)/[^\s\"<]+", message.body))
    assert len(links) == 1, message.body
    (link,) = links
    assert link in message.alternatives[0].content
    return link.removeprefix("http://127.0.0.1:8000")


def link_for(address: str) -> str:
    messages = mails_to(address)
    assert messages, f"no mail to {address}"
    return link_in(messages[-1])


def text_of(response: Any) -> str:
    """The page's words without what differs each time: tokens, challenges."""
    html = response.content.decode()
    html = re.sub(
        r'name="(?:csrfmiddlewaretoken|challenge|csrf-token)"[^>]*>|content="[A-Za-z0-9]{64}"', "", html
    )
    return re.sub(r"\s+", " ", html)


def new_password(password: str = CHOSEN) -> dict[str, str]:
    return {"password": password, "password_again": password}
