"""Hooks of `make docs` (mkdocs.yml): pages of the repository that stand outside of docs/ are part of the site too.

The pages link them as they lie in the repository, so that a forge follows the same links.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# as it lies in the repository -> as it is called on the site
OUTSIDE = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "gateway_sim/README.md": "gateway-agent.md",
    "README.md": "readme.md",
}
LINK = re.compile(r"\]\(((?:\.\./)+)([^)#]+)(#[^)]*)?\)")
CODE = re.compile(r"\[([^\]]+)\]\((?:\.\./)*[^)#:]+\.(?:py|toml|yml|html|css|json|sh|conf|xml)\)")


def on_files(files: Any, config: Any) -> Any:
    from mkdocs.structure.files import File

    for path, name in OUTSIDE.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        files.append(File.generated(config, name, content=_from_root(text, Path(path).parent)))
    return files


def _from_root(text: str, folder: Path) -> str:
    """Links of a page outside of docs/, as seen from docs/."""

    def moved(match: re.Match[str]) -> str:
        target = match[2]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path = (ROOT / folder / target.partition("#")[0]).resolve().relative_to(ROOT).as_posix()
        anchor = "#" + target.partition("#")[2] if "#" in target else ""
        if path in OUTSIDE:
            return f"{match[1]}({OUTSIDE[path]}{anchor})"
        inside = path.removeprefix("docs/")
        is_page = path.startswith("docs/") and (ROOT / path).is_file()
        return f"{match[1]}({inside}{anchor})" if is_page else match[1].lstrip("!").strip("[]")

    return re.sub(r"(!?\[[^\]]*\])\(([^)\s]+)\)", moved, text)


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Links out of docs/ to the pages above; code that a page points at keeps its words and loses the link."""
    here = Path(page.file.src_uri).parent

    def within(match: re.Match[str]) -> str:
        path = (ROOT / "docs" / here / match[1] / match[2]).resolve()
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
        if name not in OUTSIDE:
            return match[0]
        return f"]({'../' * len(here.parts)}{OUTSIDE[name]}{match[3] or ''})"

    return LINK.sub(within, CODE.sub(r"\1", markdown))


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    """A guide in another language says so to screen readers, and has the theme's own words in it."""
    language = re.match(r"guides/([a-z]{2})/", page.file.src_uri)
    config.theme["language"] = language[1] if language else "en"
    return context
