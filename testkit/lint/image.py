"""Dockerfile: what an image of ours must hold. `python -m testkit.lint.image` prints each fault; 1 where there is one."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILE, IGNORED = ROOT / "Dockerfile", ROOT / ".dockerignore"
WORDS = {
    "FROM",
    "RUN",
    "COPY",
    "ENV",
    "WORKDIR",
    "USER",
    "EXPOSE",
    "VOLUME",
    "HEALTHCHECK",
    "CMD",
    "ARG",
    "LABEL",
    "ENTRYPOINT",
}
Instruction = tuple[str, str]


def instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [
        (word.upper(), rest.strip())
        for word, _space, rest in (line.partition(" ") for line in joined.splitlines())
    ]


def faults_of(text: str, ignored: str = "") -> list[str]:
    found = instructions(text)
    if not found or found[0][0] != "FROM":
        return ["does not start with FROM"]
    unknown = [f"no instruction of ours: {word}" for word, _rest in found if word not in WORDS]
    return [*unknown, *_stages(found), *_runs(found), *_copies(found, ignored), *_last(found)]


def _stages(found: list[Instruction]) -> Iterator[str]:
    froms = [rest for word, rest in found if word == "FROM"]
    if len(froms) < 2:
        yield "one stage: what only builds stays in the image"
    names = [rest.split()[2] for rest in froms if " AS " in rest]
    for image in (rest.split()[0] for rest in froms):
        if image not in names and (":" not in image or image.endswith(":latest")):
            yield f"{image} without a version"


def _runs(found: list[Instruction]) -> Iterator[str]:
    for word, rest in found:
        if word == "RUN" and "apt-get install" in rest:
            if "--no-install-recommends" not in rest:
                yield "apt-get installs what is only recommended"
            if "rm -rf /var/lib/apt/lists" not in rest:
                yield "apt-get leaves its lists in the image"
        if (
            word == "RUN"
            and "pip install" in rest
            and rest.count("--require-hashes") < rest.count("pip install")
        ):
            yield "pip installs without hashes"
        if word == "RUN" and re.search(r"\b(curl|wget|sudo)\b|\|\s*(ba)?sh\b", rest):
            yield "RUN fetches or runs what nobody has checked"
        if word in ("ENV", "ARG") and re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)", rest):
            yield f"{word} keeps a secret in the image"


def _copies(found: list[Instruction], ignored: str) -> Iterator[str]:
    stages = {rest.split()[2] for word, rest in found if word == "FROM" and " AS " in rest}
    patterns = [
        line.strip().rstrip("/") for line in ignored.splitlines() if line.strip() and line[0] not in "#!"
    ]
    for rest in (rest for word, rest in found if word == "COPY"):
        options = [word for word in rest.split() if word.startswith("--")]
        sources = [word for word in rest.split() if not word.startswith("--")][:-1]
        stage = next((word.partition("=")[2] for word in options if word.startswith("--from=")), None)
        if stage is not None and stage not in stages:
            yield f"copies from a stage {stage}, which there is not"
        for source in sources if stage is None else ():
            if not (ROOT / source).exists():
                yield f"copies {source}, which there is not"
            if any(fnmatch(source, pattern) for pattern in patterns):
                yield f"copies {source}, which .dockerignore keeps out"
    for needed in (".git", "secrets", "var", ".venv"):
        if ignored and needed not in patterns:
            yield f".dockerignore lets {needed} into the image"


def _last(found: list[Instruction]) -> Iterator[str]:
    start = max(i for i, (word, _rest) in enumerate(found) if word == "FROM")
    last = found[start:]
    said = dict(last)
    if said.get("USER", "root").split(":")[0] in ("root", "0"):
        yield "runs as root"
    if "HEALTHCHECK" not in said:
        yield "has no HEALTHCHECK"
    if not said.get("WORKDIR", "").startswith("/"):
        yield "WORKDIR is not absolute"
    order = [word for word, _rest in last]
    if "USER" in order and "RUN" in order[order.index("USER") :]:
        yield "RUN after USER: what it makes could be changed by who answers requests"
    for word in ("CMD", "ENTRYPOINT"):
        try:
            json.loads(said.get(word, "[]"))
        except json.JSONDecodeError:
            yield f"{word} runs below a shell, which swallows the signal to stop"


def main() -> int:
    faults = faults_of(FILE.read_text(encoding="utf-8"), IGNORED.read_text(encoding="utf-8"))
    for fault in faults:
        print(f"Dockerfile: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
