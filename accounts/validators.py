"""The seed's password rule beside Django's own ones."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from accounts.models import User

WORDS = Path(__file__).with_name("common_words.txt")
MOST_AROUND = 6  # digits and signs around a word that do not make it another one: a year, a date, "123!"
RUN_LEAST = 4
# keys beside each other, and the alphabets; also backwards
RUNS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop",
    "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "abcdefghijklmnopqrstuvwxyz", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
)  # fmt: skip
CYRILLIC_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
FOR_LETTERS = str.maketrans("04@$5317!", "oaasseitt")  # signs that stand for a letter they look like
FOR_LETTERS_TOO = str.maketrans("04@$531!7", "oaasseiit")


class DigitValidator:
    """At least one digit, of any script."""

    def validate(self, password: str, user: object = None) -> None:
        if not any(character.isdigit() for character in password):
            raise ValidationError(
                _("The password must contain at least one digit."), code="password_no_digit"
            )

    def get_help_text(self) -> str:
        return _("Your password must contain at least one digit.")


class CommonPasswordValidator(password_validation.CommonPasswordValidator):
    """Django's list, and what people make of a common word when a digit is asked for: “Soleil2024!”, “пароль1”.

    Refused is a common word (of Django's list or `common_words.txt`, Russian ones also as typed on a Latin keyboard),
    a run of neighbouring keys or one letter again and again, with at most six digits and signs around it.
    """

    def validate(self, password: str, user: User | None = None) -> None:  # type: ignore[override]
        super().validate(password, user)
        if any(self._is_common(word) for word in _words_in(password)):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def _is_common(self, word: str) -> bool:
        return word in self.passwords or word in _words() or _is_run(word)

    def get_error_message(self) -> str:  # Django 5.1 names it so
        return _("This password is too common: a well-known word with digits is guessed first.")

    def get_help_text(self) -> str:
        return _("Your password must not be a well-known word with a few digits.")


def _plain(text: str) -> str:
    """Lower case, without accents, `й` and `ё` included: the same for the list and for what is typed."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if not unicodedata.combining(character))


def _words_in(password: str) -> set[str]:
    """The one word that a password is made around, as it may be meant; empty where it has more to it."""
    if len(password) > 64:
        return set()
    found = set()
    # й counts as its own key on the keyboard, so the runs are also looked for before accents go
    for text in (password.casefold(), _plain(password)):
        found.add(re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text))
        for table in (FOR_LETTERS, FOR_LETTERS_TOO):
            tail = re.sub(r"^[\W\d_]+(?=\w)|[\d\W_]+$", "", text)
            found.add(tail.translate(table))
            found.add(text.translate(table))
    return {word for word in found if len(word) >= 3 and len(password) - len(word) <= MOST_AROUND}


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    lines = WORDS.read_text(encoding="utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    return frozenset({_plain(word) for word in words} | {word.translate(CYRILLIC_KEYS) for word in words})


def _is_run(word: str) -> bool:
    if len(set(word)) == 1:
        return True
    if len(word) < RUN_LEAST:
        return False
    return any(word in run or word[::-1] in run for run in RUNS)
