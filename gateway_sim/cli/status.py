"""`status`: who this gateway is and how its spool stands, without touching either."""

from __future__ import annotations

import argparse
import contextlib
import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway_sim.agent import gaps, spool_file
from gateway_sim.agent.state import StateDir
from gateway_sim.cli import common

HELP = "show activation, spool, gaps and devices of this gateway"
SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common.add_state(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")


@common.sentences
def run(args: argparse.Namespace) -> int:
    state = StateDir.open(args.state, create=False)
    identity = state.identity()
    facts: dict[str, Any] = {
        "activated": identity is not None and state.token() is not None,
        "identity": None if identity is None else asdict(identity),
        "publication": (state.read("publication.json") or {}).get("revision"),
        "contact": state.read("status.json") or {},
        "devices": state.read("devices.json") or {},
        **_spool(state.spool),
    }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False, sort_keys=True))
    else:
        print("\n".join(_lines(facts)))
    return common.OK if facts["activated"] else common.NOT_LET_IN


def _spool(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"spool": None, "gaps": [], "dead": []}
    try:
        # Read only: the agent may be at work on it.
        with contextlib.closing(
            sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10)
        ) as db:
            dead = db.execute(
                "SELECT meter, register, taken_at, value, code FROM dead ORDER BY id DESC LIMIT ?", (SHOWN,)
            ).fetchall()
            return {
                "spool": asdict(spool_file.facts(db)),
                "gaps": gaps.listing(db, None)[:SHOWN],
                "dead": dead,
            }
    except (sqlite3.Error, TypeError, ValueError) as error:
        raise common.Failure(
            common.PARTLY, f"The spool cannot be read: {error}; `run` will mend it."
        ) from None


def _lines(facts: dict[str, Any]) -> list[str]:
    identity, contact, spool = facts["identity"], facts["contact"], facts["spool"]
    if not facts["activated"]:
        lines = ["Not activated."]
    else:
        word = "suspended" if identity["suspended"] else "activated"
        lines = [
            f"Server {identity['serial']} ({identity['description']}), programme {identity['programme']}: {word}.",
            f"Portal {identity['portal']}, last heartbeat {contact.get('heartbeat_at') or 'never'}, "
            f"last delivery {contact.get('delivered_at') or 'never'}.",
        ]
    if facts["publication"] is not None:
        lines.append(f"Publication: revision {facts['publication']}.")
    if contact.get("error"):
        lines.append(f"Last trouble at {contact.get('error_at')}: {contact['error']}")
    if spool is None:
        lines.append("Spool: none yet.")
    else:
        lines.append(
            f"Spool {spool['epoch']}: {spool['pending']} readings wait (oldest {spool['oldest'] or 'none'}), "
            f"{spool['delivered']} delivered, {spool['dead']} dead letters, {spool['dropped']} dropped, "
            f"{spool['undated']} without a time yet, {spool['salvaged']} salvaged."
        )
    for meter, register, taken_at, value, code in facts["dead"]:
        lines.append(f"Dead letter: {meter} {register} {taken_at} {value}: {code}")
    for gap in facts["gaps"]:
        lines.append(f"Gap: {gap['meter']} from {gap['from']} to {gap['to']}")
    for ref, device in sorted(facts["devices"].items()):
        lines.append(f"Device {ref}: {device.get('state')} since {device.get('since')}")
    return lines
