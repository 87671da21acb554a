"""The demo's mailbox: what was sent, readable, newest first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import get_connection, send_mail
from django.test import Client
from django.utils import timezone


@pytest.mark.parametrize("one_file", [False, True])
def test_a_mail_is_shown_in_its_own_letters(settings: Any, tmp_path: Path, db: Any, one_file: bool) -> None:
    settings.EMAIL_FILE_PATH = str(tmp_path)
    kept: list[Any] = []
    backend = "django.core.mail.backends.filebased.EmailBackend"
    for subject, text in (("Première", "Résidence d'Été — 19 °C"), ("Вторая", "Счётчик тепла")):
        connection = get_connection(backend)
        if one_file:  # Django names a file by the second and the connection's address, which may come again
            connection._fname = str(tmp_path / "20261122-101500-1.log")
        send_mail(subject, text, "releve@localhost", ["a@example.org"], connection=connection)
        kept.append(connection)
    client = Client()
    response = client.get("/demo/mails/")
    assert response.status_code == 200
    listed = response.content.decode()
    assert f"{timezone.now():%Y}" in listed
    assert listed.index("Вторая") < listed.index("Première")
    addresses = re.findall(r'href="(/demo/mails/[^"/]+/)"', listed)
    assert len(addresses) == 2
    for address, text in zip(addresses, ("Счётчик тепла", "Résidence d&#x27;Été — 19 °C"), strict=True):
        page = client.get(address).content.decode()
        assert text in page and "-----" not in page
    assert client.get("/demo/mails/no-such/").status_code == 404
