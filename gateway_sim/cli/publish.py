"""`publish`: tell the portal what stands in the building.

The revision is kept in the state directory: the same content has the same revision, a changed one gets a
higher one. It starts from the clock, so a lost state directory does not go back behind what the portal has.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from typing import Any

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import common
from gateway_sim.site import Site, load_site

HELP = "publish the site file to the portal and wait for its verdict"
_NOTE = "publication.json"
_STRANGER = "The portal does not let this gateway in: it is suspended or its token is not known."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument("--site", required=True, metavar="FILE", help="the site file (TOML)")
    parser.add_argument(
        "--wait", type=float, default=60, metavar="S", help="seconds to wait for the verdict (60)"
    )
    parser.add_argument(
        "--timeout", type=float, default=30, metavar="S", help="seconds for one exchange (30)"
    )


def revision_of(state: StateDir, site: Site, *, afresh: bool = False) -> int:
    """The revision of this content, noted on the disk before it is sent; a new one if `afresh`."""
    content = json.dumps(site.publication(0), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(content.encode()).hexdigest()
    note = state.read(_NOTE) or {}
    last = note.get("revision")
    if isinstance(last, int) and note.get("sha256") == digest and not afresh:
        return last
    revision = max((last if isinstance(last, int) else 0) + 1, int(time.time()))
    state.write(_NOTE, {"revision": revision, "sha256": digest})
    return revision


@common.sentences
def run(args: argparse.Namespace) -> int:
    site = load_site(args.site)
    state = StateDir.open(args.state, create=False)
    identity, token = common.activated(state)
    client = common.client_of(identity, token, timeout=args.timeout)
    revision = revision_of(state, site)
    answer = client.request("PUT", "/api/v1/publication", site.publication(revision), zipped=True)
    if answer.status == 409:
        # Somebody published from another state directory meanwhile: this content is the newest now.
        revision = revision_of(state, site, afresh=True)
        answer = client.request("PUT", "/api/v1/publication", site.publication(revision), zipped=True)
    if answer.status not in (200, 202):
        raise common.failure_of(answer, not_let_in=_STRANGER)
    job = answer.data.get("job") if isinstance(answer.data, dict) else None
    if not isinstance(job, str | int) or not str(job).replace("-", "").isalnum():
        raise common.Failure(common.STRANGE, "The portal's answer names no job: publish again.")
    return _wait(client, str(job), args.wait, site, revision)


def _wait(client: PortalClient, job: str, seconds: float, site: Site, revision: int) -> int:
    until = time.monotonic() + seconds
    pause = 0.1
    while True:
        answer = client.request("GET", f"/api/v1/publication/{job}")
        if answer.status != 200:
            raise common.failure_of(answer, not_let_in=_STRANGER)
        data: dict[str, Any] = answer.data if isinstance(answer.data, dict) else {}
        verdict = data.get("state")
        if verdict == "done":
            print(f"Published: revision {revision}, {len(site.meters)} meters, {len(site.devices)} devices.")
            return common.OK
        if verdict == "refused":
            print("The portal refused the publication:", file=sys.stderr)
            for path, message in _faults(data.get("faults")):
                print(f"{path}: {message}", file=sys.stderr)
            return common.REFUSED
        if verdict not in ("queued", "running"):
            raise common.Failure(common.STRANGE, "The portal's answer about the job cannot be understood.")
        if time.monotonic() >= until:
            print(f"The portal still works on revision {revision}; `publish` again asks for the verdict.")
            return common.PARTLY
        time.sleep(pause)
        pause = min(pause * 1.5, 2.0)


def _faults(faults: object) -> list[tuple[str, str]]:
    found = []
    for fault in faults if isinstance(faults, list) else ():
        if isinstance(fault, dict):
            found.append((str(fault.get("path", "")), " ".join(str(fault.get("message", "")).split())))
    return found
