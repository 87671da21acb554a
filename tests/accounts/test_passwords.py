"""Which passwords are refused as common, and which good ones must not be."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.breached import BreachedPasswordValidator
from accounts.models import User

pytestmark = pytest.mark.pure

COMMON = """azerty1 qwerty123 doudou1 motdepasse1 soleil1 marseille13 chouchou1 123azerty jetaime1 Azerty1! Élodie1985
    P@ssw0rd1 P@r1s2024 Sol3il!! football1 password2024 France98 releve1 Exploitant1 1234567 1q2w3e4r aaaaaa1 parol123
    Пароль1 пароль123 йцукен123 йцукенг1 привет1 любовь1 ЛЮБОВЬ777! Москва2024 Чита2026 наташа1 зенит123 аааааа1
    ghbdtn1 gfhjkm1 k.,jdm1 yfnfif1 rjirf12 гнеку77""".split()  # noqa: SIM905
GOOD = ["Hiver à 19 degrés", "9 chats gris", "ma2poulet", "Ключ7отЧердака", "хлеб и 2 соли", "vTq8Lz1", "Gdj7!kq",
        "correct horse 1", "k4tze-und-maus", "1" + "жарптица" * 15]  # fmt: skip


def refused(password: str) -> set[str | None]:
    try:
        validate_password(password, User(email="vqtromeka@example.org"))
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


def test_a_well_known_word_with_digits_is_no_password() -> None:
    assert [one for one in COMMON if "password_too_common" not in refused(one)] == []


def test_good_passwords_pass_in_every_script() -> None:
    assert [one for one in GOOD if refused(one)] == []


def test_the_seeds_rule_stands_beside_it() -> None:
    assert refused("мороз и") == {"password_no_digit"}
    assert refused("7 рек") == {"password_too_short"}
    assert refused("vqtromeka1") == {"password_too_similar"}


@pytest.mark.parametrize("ends", ["\n", "\r\n", ""])
def test_a_stolen_password_is_found_in_a_file_of_hashes(tmp_path: Path, ends: str) -> None:
    """The first, the last and each between, with long and short counts; none that stands only beside them."""
    stolen = [f"Volé {n}" for n in range(200)]
    hashes = sorted(sha1(one.encode()).hexdigest().upper() for one in stolen)
    path = tmp_path / "stolen.txt"
    path.write_text(
        (ends or "\n").join(f"{one}:{7 ** (n % 9)}" for n, one in enumerate(hashes)) + ends, newline=""
    )
    validator = BreachedPasswordValidator(str(path))
    for one in stolen:
        with pytest.raises(ValidationError):
            validator.validate(one)
    for one in ("Volé 200", "", "Volé", "1" * 5000):
        validator.validate(one)
    path.write_text("")
    validator.validate(stolen[0])
