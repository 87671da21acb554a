"""The demo's mailbox: what was sent, readable, newest first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.mail import get_connection, send_mail
from django.test import Client
from django.utils import timezone


def test_a_mail_is_shown_in_its_own_letters(settings: Any, tmp_path: Path, db: Any) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    backend = "django.core.mail.backends.filebased.EmailBackend"
    for subject, text in (("Première", "Résidence d'Été — 19 °C"), ("Вторая", "Счётчик тепла")):
        send_mail(subject, text, "releve@localhost", ["a@example.org"], connection=get_connection(backend))
    client = Client()
    response = client.get("/demo/mails/")
    assert response.status_code == 200
    listed = response.content.decode()
    assert f"{timezone.now():%Y}" in listed
    assert listed.index("Вторая") < listed.index("Première")
    for path in tmp_path.glob("*.log"):
        page = client.get(f"/demo/mails/{path.stem}/").content.decode()
        assert ("Résidence d&#x27;Été — 19 °C" in page) != ("Счётчик тепла" in page)
    assert client.get("/demo/mails/no-such/").status_code == 404
