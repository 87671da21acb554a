"""docker-compose.yml: the compose specification as far as our file goes, and what a production of ours must say.

    python -m testkit.lint.compose        prints each fault on a line; 1 where there is one

Where an engine is installed, `docker compose config` is asked as well. `make check` runs it either way.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from portal.queues import QUEUES

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
TOP = {"name": str, "services": dict, "networks": dict, "volumes": dict, "secrets": dict}
SERVICE: dict[str, Any] = {
    "image": str, "build": (str, dict), "command": list, "environment": dict, "secrets": list, "volumes": list,
    "networks": list, "network_mode": str, "depends_on": dict, "healthcheck": dict, "deploy": dict, "restart": str,
    "init": bool, "read_only": bool, "cap_drop": list, "cap_add": list, "security_opt": list, "tmpfs": list,
    "logging": dict, "ports": list, "profiles": list, "stop_grace_period": str, "shm_size": str, "user": str,
}  # fmt: skip
HEALTH = {"test": list, "interval": str, "timeout": str, "start_period": str, "retries": int, "disable": bool}
CONDITIONS = ("service_started", "service_healthy", "service_completed_successfully")
DURATION = re.compile(r"(\d+(ms|s|m|h))+")
MEMORY = re.compile(r"\d+[MG]")
SECRET_NAME = re.compile(r"(PASSWORD|SECRET|TOKEN|_KEY|DATABASE_URL|REDIS_URL|EMAIL_URL)")
OURS = "releve:"
OWNERS = ("migrate", "backup")
Faults = Iterator[str]


def faults_of(text: str) -> list[str]:
    """Every sentence that is wrong with a compose file; none for a good one."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [f"not YAML: {str(error).splitlines()[0]}"]
    if not isinstance(document, dict) or not isinstance(document.get("services"), dict):
        return ["no services"]
    return list(_document(document))


def _document(document: dict[str, Any]) -> Faults:
    for name, value in document.items():
        if not name.startswith("x-"):
            yield from _typed(name, value, TOP, "the file")
    services = document["services"]
    for name, service in services.items():
        yield from (f"{name}: {fault}" for fault in _service(service, services, document))
    yield from _queues(services)
    yield from _owner(services)
    for kind in ("secrets", "volumes", "networks"):
        unused = set(document.get(kind) or {}) - {word for s in services.values() for word in _uses(s, kind)}
        yield from (f"{kind}: {word} is used by nobody" for word in sorted(unused))


def _typed(name: str, value: Any, allowed: dict[str, Any], where: str) -> Faults:
    if name not in allowed:
        yield f"{where} has no {name}"
    elif not isinstance(value, allowed[name]):
        yield f"{name} of {where} is of the wrong kind"


def _uses(service: dict[str, Any], kind: str) -> list[str]:
    if kind == "volumes":
        return [v.partition(":")[0] for v in service.get("volumes", []) if v[0] not in "./"]
    return list(service.get(kind, []))


def _service(service: dict[str, Any], services: dict[str, Any], document: dict[str, Any]) -> Faults:
    for name, value in service.items():
        yield from _typed(name, value, SERVICE, "a service")
    for kind in ("secrets", "volumes", "networks"):
        for word in _uses(service, kind):
            if word not in (document.get(kind) or {}):
                yield f"{kind} does not declare {word}"
    yield from _order(service, services)
    yield from _health(service)
    yield from _hardened(service)
    yield from _limits(service)
    yield from _environment(service)
    yield from _command(service)
    yield from _mounts(service)


def _order(service: dict[str, Any], services: dict[str, Any]) -> Faults:
    for name, how in service.get("depends_on", {}).items():
        other, condition = services.get(name), (how or {}).get("condition")
        if other is None:
            yield f"depends on {name}, which there is not"
        elif condition not in CONDITIONS:
            yield f"depends on {name} in no known condition"
        elif condition == "service_healthy" and "test" not in other.get("healthcheck", {}):
            yield f"waits for {name} to be healthy, which nobody asks it"
        elif condition == "service_completed_successfully" and other.get("restart") != "no":
            yield f"waits for {name} to end, which is started again and again"


def _health(service: dict[str, Any]) -> Faults:
    check = service.get("healthcheck")
    if check is None:
        yield "has no healthcheck"
        return
    for name, value in check.items():
        yield from _typed(name, value, HEALTH, "a healthcheck")
        if name in ("interval", "timeout", "start_period") and not DURATION.fullmatch(str(value)):
            yield f"healthcheck: {name} is no time"
    if not check.get("disable") and (check.get("test") or [""])[0] not in ("CMD", "CMD-SHELL"):
        yield "healthcheck: test starts with CMD or CMD-SHELL"
    if check.get("disable") and service.get("restart") != "no":
        yield "runs for ever and is asked by nobody how it is"


def _hardened(service: dict[str, Any]) -> Faults:
    if service.get("cap_drop") != ["ALL"]:
        yield "keeps capabilities: cap_drop: [ALL]"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "may gain privileges: no-new-privileges:true"
    if service.get("read_only") is not True:
        yield "may write to its own image: read_only: true"
    if "restart" not in service:
        yield "says nothing about restart"
    for port in service.get("ports", []):
        if (
            "proxy" not in service.get("image", "")
            and "nginx" not in service.get("image", "")
            and "127.0.0.1" not in port
        ):
            yield f"port {port} is open to the world beside the proxy"
    image = str(service.get("image", ""))
    if not image or (not image.startswith(OURS) and (":" not in image or image.endswith(":latest"))):
        yield "image without a version"


def _limits(service: dict[str, Any]) -> Faults:
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    if not re.fullmatch(r"\d+(\.\d+)?", str(limits.get("cpus", ""))) or not MEMORY.fullmatch(
        str(limits.get("memory", ""))
    ):
        yield "has no bound of cpus and memory"


def _environment(service: dict[str, Any]) -> Faults:
    known = _known_names()
    for name, value in service.get("environment", {}).items():
        if SECRET_NAME.search(name) and not name.endswith("_FILE"):
            yield f"{name} is a secret: give it as {name}_FILE"
        if name.endswith("_FILE") and not str(value).startswith("/run/secrets/"):
            yield f"{name} is no secret's file"
        secret = str(value).removeprefix("/run/secrets/")
        if name.endswith("_FILE") and secret not in service.get("secrets", []):
            yield f"{name}: the service is not given the secret {secret}"
        if str(service.get("image", "")).startswith(OURS) and name.removesuffix("_FILE") not in known:
            yield f"{name} is read by nobody: see portal/settings.py"


def _known_names() -> set[str]:
    sources = [*ROOT.glob("portal/*.py"), ROOT / "portal" / "operations" / "gunicorn.py"]
    names = re.findall(
        r'env(?:iron\.get|\.\w+)\(\s*"([A-Z_]+)"', "".join(path.read_text() for path in sources)
    )
    return {*names, "PROMETHEUS_MULTIPROC_DIR"}


def _command(service: dict[str, Any]) -> Faults:
    words = [str(word) for word in service.get("command", [])]
    checked = [str(word) for word in service.get("healthcheck", {}).get("test", [])]
    for line in (words, checked):
        if "manage.py" in line:
            verb = line[line.index("manage.py") + 1]
            ours = any(ROOT.glob(f"*/management/commands/{verb}.py"))
            if not ours and verb not in ("check", "collectstatic"):
                yield f"there is no manage.py {verb}"
    if "worker" in words and "-Q" not in words:
        yield "a worker that says no queue (-Q)"


def _mounts(service: dict[str, Any]) -> Faults:
    for mount in service.get("volumes", []):
        source = mount.partition(":")[0]
        if source.startswith("./") and not (ROOT / source).exists():
            yield f"mounts {source}, which there is not"
        if source == "/var/run/docker.sock":
            yield "is given the engine itself"


def _queues(services: dict[str, Any]) -> Faults:
    heard: list[str] = []
    for service in services.values():
        words = [str(word) for word in service.get("command", [])]
        if "worker" in words and "-Q" in words:
            heard += words[words.index("-Q") + 1].split(",")
    yield from (f"no worker listens to the queue {queue}" for queue in sorted(set(QUEUES) - set(heard)))
    yield from (f"nobody rings in the queue {queue}" for queue in sorted(set(heard) - set(QUEUES)))


def _owner(services: dict[str, Any]) -> Faults:
    """Who may change tables is nobody that answers requests or does jobs (docs/operations/roles.sql)."""
    for name, service in services.items():
        if "database_owner_url" in service.get("secrets", []) and name not in OWNERS:
            yield f"{name}: signs in to the database as its owner"


def _engine() -> list[str]:
    """What the engine says about the file, where there is one."""
    docker = shutil.which("docker")
    if (
        docker is None
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        return []
    environment = {**os.environ, "SITE_URL": "https://releve.example", "ALLOWED_HOSTS": "releve.example"}
    done = subprocess.run(
        [docker, "compose", "-f", str(FILE), "config", "-q"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    return [f"docker compose config: {done.stderr.strip()}"] if done.returncode else []


def main() -> int:
    faults = [*faults_of(FILE.read_text(encoding="utf-8")), *_engine()]
    for fault in faults:
        print(f"docker-compose.yml: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
