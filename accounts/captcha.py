"""Two words to copy: a question in the reader's language, for eyes and for screen readers, without a script.

The challenge is signed, expires, and counts once. It keeps out programs that fill in any form they meet; what
keeps out the others are the limits by address and the link in the mail (docs/decisions/0004-captcha.md).
"""

from __future__ import annotations

import random
import re
import secrets
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

SALT = "releve.captcha"
LIFETIME = 30 * 60
SHOWN = 5
# each one word in every language; translators choose short, common ones that differ from each other
WORDS = [
    gettext_lazy("river"),
    gettext_lazy("lamp"),
    gettext_lazy("garden"),
    gettext_lazy("bread"),
    gettext_lazy("window"),
    gettext_lazy("winter"),
    gettext_lazy("bridge"),
    gettext_lazy("paper"),
    gettext_lazy("horse"),
    gettext_lazy("kitchen"),
    gettext_lazy("mountain"),
    gettext_lazy("apple"),
    gettext_lazy("forest"),
    gettext_lazy("bird"),
    gettext_lazy("table"),
    gettext_lazy("station"),
]
_chance = random.SystemRandom()


def challenge_make() -> str:
    """A new signed challenge: which words are shown, and which two of them are asked for."""
    words = _chance.sample(range(len(WORDS)), SHOWN)
    places = sorted(_chance.sample(range(SHOWN), 2))
    return signing.dumps({"w": words, "p": places, "n": secrets.token_urlsafe(12)}, salt=SALT)


def _read(challenge: str) -> dict[str, Any] | None:
    try:
        read: dict[str, Any] = signing.loads(challenge, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:  # also too old
        return None
    return read


def _ordinal(place: int) -> str:
    return [
        pgettext("which word", "first"),
        pgettext("which word", "second"),
        pgettext("which word", "third"),
        pgettext("which word", "fourth"),
        pgettext("which word", "fifth"),
    ][place]


def question(challenge: str) -> str:
    """The question in the language of the moment; empty for a challenge that is not good any more."""
    read = _read(challenge)
    if read is None:
        return ""
    one, other = read["p"]
    return _("Of these words, write the %(one)s and the %(other)s: %(words)s.") % {
        "one": _ordinal(one),
        "other": _ordinal(other),
        "words": ", ".join(str(WORDS[index]) for index in read["w"]),
    }


def solution(challenge: str) -> str:
    """The two words in the language of the moment."""
    read = _read(challenge)
    return " ".join(str(WORDS[read["w"][place]]) for place in read["p"]) if read else ""


def _plain(text: str) -> list[str]:
    """Words without case, accents and punctuation: é or e, ё or е, a comma or none."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(c for c in letters if not unicodedata.combining(c)))


def is_right(challenge: str, typed: str) -> bool:
    """In any language of the portal, since the language may be switched between question and answer."""
    given = _plain(typed[:200])
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            wanted = _plain(solution(challenge))
        if wanted and wanted == given:
            return True
    return False


def spend(challenge: str) -> bool:
    """True once for each challenge."""
    read = _read(challenge)
    return read is not None and cache.add(f"captcha:{read['n']}", 1, LIFETIME)


class CaptchaMixin(forms.Form):
    """Adds the question to a form. It is spent only by a form that is right in all else."""

    challenge = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)
    captcha = forms.CharField(
        label=gettext_lazy("Enter the two words"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name not in ("challenge", "captcha")])
        shown = self.data.get(self.add_prefix("challenge"), "") if self.is_bound else challenge_make()
        self.initial["challenge"] = shown
        self.fields["captcha"].help_text = question(shown)
        if self.is_bound and not question(shown):
            self.renew()

    def renew(self) -> None:
        """Ask something new, and forget what was typed."""
        fresh = challenge_make()
        self.fields["captcha"].help_text = question(fresh)
        self.initial["challenge"] = fresh
        if self.is_bound:
            # a copy: the QueryDict of a request is read-only
            self.data = {
                **dict(self.data.items()),
                self.add_prefix("challenge"): fresh,
                self.add_prefix("captcha"): "",
            }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors or cleaned is None:
            return cleaned
        challenge = cleaned.get("challenge", "")
        right = is_right(challenge, cleaned["captcha"])
        if not spend(challenge) or not right:  # a wrong answer spends it too
            self.add_error(
                "captcha", _("These are not the two words asked for. Please answer the new question.")
            )
            self.renew()
        return cleaned
