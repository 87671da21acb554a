"""The agent's own command line against a portal that listens: set up, suspended, killed, replaced, removed."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import OutboxMessage
from accounts.tenancy import tenant_scope
from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import main
from servers.models import Server
from servers.services.credentials import password_issue
from testkit.gateway import OTHER_SERIAL, SERIAL, make_server
from testkit.world import make_world

NOT_LET_IN = 3
# dies with the answer in its hands: before the new token is on the disk, or after that and before its first use
KILLED = """
import os, sys
from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import main
setattr({where}, "{name}", lambda *_: os.kill(os.getpid(), 9))
main(["rotate", "--state", sys.argv[1]])
"""


def killed(state: Path, where: str, name: str) -> None:
    script = KILLED.format(where=where, name=name)
    done = subprocess.run([sys.executable, "-c", script, str(state)], timeout=600, check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_box_of_flesh_and_blood(
    transactional_db: Any, live_server: Any, tmp_path: Path, capsys: Any
) -> None:
    cache.clear()
    world = make_world()
    server, password = make_server(world.ours.programme)
    state, page = tmp_path / "box", f"/p/tilleuls/servers/{server.public_id}/"
    installer = Client()
    installer.force_login(world.ours.administrator)
    url = live_server.url

    def run(verb: str, *more: str) -> int:
        return main([verb, "--state", str(state), *more])

    def activate(serial: str, secret: str) -> int:
        (tmp_path / "password").write_text(secret)
        return run(
            "activate", "--portal", url, "--serial", serial, "--password-file", str(tmp_path / "password")
        )

    def beat(token: str | None) -> int:
        return PortalClient(url, token).request("POST", "/api/v1/heartbeat", {}).status

    def kept() -> str | None:
        return StateDir.open(state).token()

    assert activate(SERIAL, "A" * 30) == NOT_LET_IN
    assert activate(SERIAL, password) == 0
    first = kept()
    assert (beat(first), activate(SERIAL, password)) == (200, NOT_LET_IN)  # its first use ended the password

    killed(state, "StateDir", "save_token")
    assert (kept(), beat(first)) == (first, 200)  # the portal knows two, the box one: it goes on
    killed(state, "PortalClient", "use_token")
    second = kept()
    assert second != first and beat(first) == 200
    assert (beat(second), beat(first)) == (200, 401)  # the first use of the new one ends the old one
    assert run("rotate") == 0
    assert (beat(second), beat(kept())) == (401, 200)

    assert (run("deactivate"), beat(kept())) == (0, 403)
    assert "suspended" in installer.get(page, headers={"Accept-Language": "en"}).content.decode().lower() or (
        "suspend" in installer.get(page).content.decode().lower()
    )
    assert (run("activate"), beat(kept())) == (0, 200)

    assert installer.post(f"{page}replace/", {"serial": OTHER_SERIAL}).status_code == 302
    assert (beat(kept()), run("rotate")) == (401, NOT_LET_IN)
    with tenant_scope(world.ours.programme.pk):
        fresh = password_issue(server_id=server.pk)
    assert fresh is not None
    assert (activate(SERIAL, fresh), activate(OTHER_SERIAL, fresh), beat(kept())) == (NOT_LET_IN, 0, 200)
    assert installer.post(f"{page}remove/", {}).status_code == 302
    assert (beat(kept()), run("rotate")) == (401, NOT_LET_IN)
    with tenant_scope(world.ours.programme.pk):
        assert Server.objects.get(pk=server.pk).removed_at is not None
    secrets = {first, second, kept(), password, fresh}
    said = capsys.readouterr()
    assert not [secret for secret in secrets if secret and secret in said.out + said.err]
    assert OutboxMessage.objects.filter(kind="server_twin").exists()  # ended tokens were used: that is told
