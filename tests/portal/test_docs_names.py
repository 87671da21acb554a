"""What README and docs/ name exists: links and headings, paths, make targets, commands, verbs, settings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from gateway_sim.cli import VERBS

pytestmark = pytest.mark.pure
ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "gateway_sim" / "README.md",
]  # fmt: skip
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"```.*?```", re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = {
    path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in ("var", ".venv", "secrets")
}


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub and mkdocs name them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in found}


def spans(page: Path) -> list[str]:
    """Everything that stands in code: words between backticks, and the lines of blocks."""
    text = page.read_text(encoding="utf-8")
    blocks = [line for block in BLOCK.findall(text) for line in block.splitlines()[1:-1]]
    return blocks + CODE.findall(BLOCK.sub("", text))


@cache
def files() -> set[str]:
    """Paths of all files and folders of the repository, from its root."""
    return {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if "__pycache__" not in path.parts
    } | {path.name for path in ROOT.iterdir()}


@cache
def sources() -> str:
    """What may read a setting: settings, their users, and the files of a deployment."""
    found = [
        *ROOT.glob("*/**/*.py"),
        *(DOCS / "operations").iterdir(),
        *(
            ROOT / name
            for name in ("Makefile", "Dockerfile", "docker-compose.yml", "mkdocs.yml", "pyproject.toml")
        ),
    ]
    elsewhere = ("var", ".venv", "tests")
    kept = [path for path in found if path.is_file() and path.relative_to(ROOT).parts[0] not in elsewhere]
    return "\n".join(path.read_text(encoding="utf-8") for path in kept)


def test_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in LINK.findall(BLOCK.sub("", page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            name, _hash, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            assert path.exists(), f"{page}: {target}"
            assert not anchor or path.suffix != ".md" or anchor in anchors(path), f"{page}: {target}"


def stands(path: str) -> bool:
    """As a file or folder of the repository, one of its tests, a module, a name in a module, or a pattern."""
    if "*" in path:
        return any(ROOT.glob(path))
    return any(
        one in files() for one in (path, f"tests/{path}", f"{path}.py", f"{path.rpartition('.')[0]}.py")
    )


def test_every_path_exists() -> None:
    missing = []
    for page in PAGES:
        for span in spans(page):
            paths = re.findall(r"(?<![\w/.<-])[\w.]+(?:/[\w.*-]+)+(?![\w<])/?", span)
            wrong = [path for path in paths if path.split("/")[0] in FOLDERS and not stands(path.rstrip("/"))]
            if re.fullmatch(r"[\w-]+\.(py|md|html|toml|yml|conf|sql|sh)", span):
                wrong += [] if any(f"/{name}".endswith(f"/{span}") for name in files()) else [span]
            missing += [f"{page.relative_to(ROOT)}: {path}" for path in wrong]
    assert not missing, "\n".join(missing)


def test_every_command_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    verbs = set(VERBS)
    for page in PAGES:
        code = "\n".join(spans(page))
        assert set(re.findall(r"\bmake ([a-z]+)", code)) <= targets, page
        assert set(re.findall(r"manage\.py ([a-z_]+)", code)) <= set(get_commands()), page
        assert set(re.findall(r"-m gateway_sim ([a-z]+)", code)) <= verbs, page


def test_every_setting_is_read_somewhere() -> None:
    for page in PAGES:
        for name in re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b", "\n".join(spans(page))):
            assert name in sources() or name.removesuffix("_FILE") in sources(), f"{page}: {name}"


def test_the_architecture_names_every_room() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    usual = {"management", "migrations", "models", "views", "templatetags", "forms", "services", "selectors"}
    for app in ("portal", "readings", "tariffs", "servers", "accounts"):
        rooms = {path.parent.name for path in (ROOT / app).glob("*/__init__.py")} - usual
        assert {room for room in rooms if f"`{room}/`" not in text} == set(), app


def test_every_page_that_the_code_names_exists() -> None:
    """Whole, or as far as its number: docs/decisions/0003."""
    named = set(re.findall(r"\bdocs/[\w/-]+[\w./-]*\w", sources()))
    assert {name for name in named if not any(ROOT.glob(f"{name}*"))} == set()


def test_every_decision_has_a_number_of_its_own() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == sorted({page.name[:4] for page in pages})
    assert all(page.read_text(encoding="utf-8").startswith(f"# {page.name[:4]}. ") for page in pages)
