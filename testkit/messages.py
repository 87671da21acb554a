"""The language files without gettext's programs: extract, merge, compile, check.

    python -m testkit.messages update            add new texts to locale/*/LC_MESSAGES/django.po, drop unused ones
    python -m testkit.messages compile FILE.po   write the .mo beside it
    python -m testkit.messages check             exit 1 and name each text that French or Russian lacks

English is the language of the msgids, so `en` needs no file of its own beyond plural rules.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import polib

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": (
        "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : "
        "n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);"
    ),
}
FORMS = {"fr": 2, "ru": 3}
APPS = ("portal", "accounts", "servers", "tariffs", "readings")
CALLS = {"gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2,
         "pgettext": -1, "pgettext_lazy": -1, "npgettext": -2, "npgettext_lazy": -2}  # fmt: skip
ALIASES = {"_": "gettext"}


@dataclass(frozen=True)
class Text:
    msgid: str
    plural: str | None = None
    context: str | None = None


# The framework's own texts that we say in the words of our pages: "email", not "courriel"; its French writes the
# two months of a chart as "jui" and "jul".
BORROWED = (Text("Enter a valid email address."), Text("jun"), Text("jul"))


def _texts_of_python(source: str, names: dict[str, str]) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        arity = CALLS.get(names.get(called, called))
        words = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        if arity is None or not words:
            continue
        context = words.pop(0) if arity < 0 else None
        if words:
            plural = words[1] if abs(arity) == 2 and len(words) > 1 else None
            yield Text(words[0], plural, context)


def _aliases(source: str) -> dict[str, str]:
    """`from … import gettext as _` and friends."""
    names = dict(ALIASES)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
    return names


def _texts_of_template(source: str) -> Iterator[Text]:
    from django.utils.translation.template import templatize

    # templatize leaves the calls as Python and turns all else into noise
    calls = re.findall(
        r"""\b((?:ngettext|npgettext|pgettext|gettext|_)\((?:[^()'"]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*\))""",
        templatize(source),
    )
    for call in calls:
        try:
            yield from _texts_of_python(call, ALIASES)
        except SyntaxError:
            continue


@cache
def texts() -> dict[Text, str]:
    """Every translatable text of the code and the templates, with the first place it stands in."""
    found: dict[Text, str] = dict.fromkeys(BORROWED, "django")
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                source = path.read_text(encoding="utf-8")
                for text in _texts_of_python(source, _aliases(source)):
                    found.setdefault(text, str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            for text in _texts_of_template(path.read_text(encoding="utf-8")):
                found.setdefault(text, str(path.relative_to(ROOT)))
    found.pop(Text(""), None)
    return found


def _catalogue(language: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / "django.po"


def _entries(catalogue: polib.POFile) -> dict[Any, Any]:
    """One text may stand alone and, elsewhere, with a plural: these are two entries."""
    return {(entry.msgctxt, entry.msgid, bool(entry.msgid_plural)): entry for entry in catalogue}


def _missing(language: str) -> list[tuple[Text, str]]:
    known = _entries(polib.pofile(str(_catalogue(language))))
    lacking = []
    for text, place in texts().items():
        entry = known.get((text.context, text.msgid, text.plural is not None))
        if entry is None or entry.fuzzy:
            lacking.append((text, place))
        elif text.plural is None:
            if not entry.msgstr:
                lacking.append((text, place))
        elif len([form for form in entry.msgstr_plural.values() if form]) < FORMS[language]:
            lacking.append((text, place))
    return lacking


def update() -> None:
    wanted = texts()
    for language, rule in LANGUAGES.items():
        path = _catalogue(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        old = polib.pofile(str(path)) if path.exists() else polib.POFile()
        kept = _entries(old)
        new = polib.POFile(wrapwidth=110)
        new.metadata = {
            "Language": language,
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=UTF-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": rule,
        }
        for text, place in sorted(wanted.items(), key=lambda item: (item[1], item[0].msgid)):
            entry = kept.get((text.context, text.msgid, text.plural is not None))
            if entry is None:
                entry = polib.POEntry(msgid=text.msgid, msgctxt=text.context)
                if text.plural is not None:
                    entry.msgid_plural = text.plural
                    entry.msgstr_plural = dict.fromkeys(range(FORMS[language]), "")
            entry.occurrences = [(place, "")]
            entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
            new.append(entry)
        new.save(str(path))
        print(f"{language}: {len(new)} texts, {len(_missing(language))} untranslated")


def check() -> int:
    status = 0
    for language in LANGUAGES:
        for text, place in _missing(language):
            status = 1
            print(f"{language}: not translated: {text.msgid!r} ({place})")
    return status


def main(argv: list[str]) -> int:
    os.environ["RELEVE_MODE"] = "test"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if argv[:1] == ["compile"]:
        for name in argv[1:]:
            polib.pofile(name).save_as_mofile(str(Path(name).with_suffix(".mo")))
        return 0
    if argv == ["update"]:
        update()
        return 0
    if argv == ["check"]:
        return check()
    print(__doc__)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
