"""The bill of materials: what a release of ours is made of, as CycloneDX 1.6, from the lock files and what is vendored."""

from __future__ import annotations

import re
import tomllib
import uuid
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from django.conf import settings

LOCK = Path("lock/requirements.txt")
VENDOR = Path("portal/static/portal/vendor/VERSIONS.txt")
PIN = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;\\]+)(?P<rest>(?:.*\\\n)*.*)$", re.MULTILINE
)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill_of_materials() -> dict[str, Any]:
    """The same lock files give the same bill, to the letter: it has no date and no random number."""
    lock = (settings.BASE_DIR / LOCK).read_text(encoding="utf-8")
    vendor = (settings.BASE_DIR / VENDOR).read_text(encoding="utf-8")
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    digest = sha256(f"{lock}{vendor}{project['version']}".encode()).hexdigest()
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": "releve", "name": project["name"], "version": project["version"],
                "description": project["description"], "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [*map(_package, PIN.finditer(lock)), *_vendored(vendor)],
    }  # fmt: skip


def _package(pin: re.Match[str]) -> dict[str, Any]:
    name, version = pin["name"], pin["version"]
    purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{version}"
    component: dict[str, Any] = {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
        "externalReferences": [
            {
                "type": "distribution", "url": purl, "comment": "each file that may be installed",
                "hashes": [{"alg": "SHA-256", "content": found} for found in HASH.findall(pin["rest"])],
            }
        ],
    }  # fmt: skip
    if licence := _licence(name):
        component["licenses"] = [{"license": {"name": licence}}]
    return component


def _licence(name: str) -> str:
    """As the installed package says itself; empty for one of another system (Windows only, say)."""
    try:
        said: Any = metadata(name)
    except PackageNotFoundError:
        return ""
    classifiers = [
        c.rpartition(" :: ")[2] for c in said.get_all("Classifier") or () if c.startswith("License ::")
    ]
    short = str(said.get("License") or "").strip()
    return str(
        said.get("License-Expression") or ", ".join(classifiers) or (short if "\n" not in short else "")
    )


def _vendored(text: str) -> list[dict[str, Any]]:
    found = []
    for version, name, licence in re.findall(
        r'^\S+\s+\w+ ([\d.]+), .*npm package "([^"]+)" \((\w+)', text, re.MULTILINE
    ):
        purl = f"pkg:npm/{name}@{version}"
        found.append(
            {
                "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
                "licenses": [{"license": {"name": licence}}],
            }
        )  # fmt: skip
    return found
