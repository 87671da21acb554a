"""Small doors that strangers try: forged proxy headers, forged rings, secrets left in the repository."""

from __future__ import annotations

import pickle
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads

from accounts.views.common import client_address
from portal.celery import app

pytestmark = pytest.mark.pure
ROOT = Path(__file__).resolve().parents[3]
FORGED = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6",
    "HTTP_X_REAL_IP": "6.6.6.6",
    "HTTP_FORWARDED": "for=6.6.6.6",
    "HTTP_X_CLIENT_IP": "6.6.6.6",
    "HTTP_TRUE_CLIENT_IP": "6.6.6.6",
    "HTTP_CF_CONNECTING_IP": "6.6.6.6",
    "HTTP_X_FORWARDED_HOST": "evil.example",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_visitor_does_not_choose_their_own_address(settings: Any, name: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    request = RequestFactory(REMOTE_ADDR="192.0.2.7").get("/", **{name: FORGED[name]})
    assert client_address(request) == "192.0.2.7" and request.get_host() == "testserver"


@pytest.mark.parametrize("given", ["6.6.6.6, 192.0.2.7", "6.6.6.6,7.7.7.7, 192.0.2.7", "192.0.2.7"])
def test_behind_one_proxy_the_last_address_counts(settings: Any, given: str) -> None:
    """It is the one that our proxy wrote; what stands before it the visitor wrote."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = RequestFactory(REMOTE_ADDR="10.0.0.2").get("/", HTTP_X_FORWARDED_FOR=given)
    assert client_address(request) == "192.0.2.7"


class Bomb:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("/tmp/releve-was-pickled"),))


@pytest.mark.parametrize(
    "kind", ["application/x-python-serialize", "application/x-yaml", "application/x-msgpack"]
)
def test_a_ring_that_is_no_json_is_refused_unread(kind: str) -> None:
    with pytest.raises(ContentDisallowed):
        loads(pickle.dumps(Bomb()), kind, "binary", accept=app.conf.accept_content)
    assert not Path("/tmp/releve-was-pickled").exists()


SECRETS = re.compile(
    r"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}"
    r"|xox[bp]-[0-9A-Za-z-]{20}|postgres://\w+:[^@\s{\"'<…]{12,}@(?!db/)"
)


def test_no_secret_lies_in_the_repository() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout
    kept = [
        ROOT / name
        for name in listed.split("\0")
        if name and Path(name).suffix not in (".png", ".ttf", ".mo")
    ]
    texts = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="ignore")
        for path in kept
        if path.is_file() and path.stat().st_size < 1_000_000
    }
    assert [
        f"{name}: {found[0][:30]}" for name, text in texts.items() if (found := SECRETS.search(text))
    ] == []
    assert SECRETS.search("AKIA" + "A" * 16), "the control"
