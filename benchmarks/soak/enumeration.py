"""Known and unknown addresses must not be told apart by time: sign-in, registration, forgotten password.

Per form `count` requests each for a known and for an unknown address, shuffled together, with the real password
hash; *altered* counts forms whose medians differ by more than 20 ms beyond what two samples of the same address do.
The control forgets the dummy hash of sign-in, and must be found.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from benchmarks.soak.ledger import Tally

ALLOWED = 0.020  # seconds
ROOT = Path(__file__).resolve().parents[2]


def run(count: int, home: Path) -> Tally:
    return _measured(count, home, control=False)


def control(count: int, home: Path) -> Tally:
    return _measured(count, home, control=True)


def _measured(count: int, home: Path, *, control: bool) -> Tally:
    """In a process of its own: the portal's settings are read once a process."""
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
        "RELEVE_MODE": "test", "RELEVE_VAR": str(home), "DJANGO_SETTINGS_MODULE": "portal.settings",
    }  # fmt: skip
    command = [
        sys.executable,
        "-m",
        "benchmarks.soak.enumeration",
        str(count),
        "control" if control else "run",
    ]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    forms, wrong, note = done.stdout.strip().splitlines()[-1].split(" ", 2)
    return Tally(injected=int(forms), altered=int(wrong), note=note)


def main() -> None:
    import time
    from statistics import median

    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[1:]
    count, broken = int(sys.argv[1]), sys.argv[2] == "control"
    setup_test_environment()
    call_command("migrate", verbosity=0)
    from testkit.world import make_world

    world = make_world()
    if broken:
        from allauth.account.auth_backends import AuthenticationBackend

        AuthenticationBackend._mitigate_timing_attack = lambda self, password: None  # type: ignore[method-assign]
    known, client = world.ours.operator.email, Client()

    def ask(form: str, email: str, number: int) -> float:
        client.cookies.clear()
        place = {"REMOTE_ADDR": f"198.{number % 200}.{number // 200}.1"}
        if form == "registration":
            from accounts import captcha
            from testkit.people import challenge_of

            asked = challenge_of(client.get("/register/"))
            data = {"challenge": asked, "captcha": captcha.solution(asked), "name": f"Programme {number}",
                    "email": email, "email_again": email}  # fmt: skip
            path = "/register/"
        elif form == "sign-in":
            path, data = "/", {"login": email, "password": f"guess {number}"}
        else:
            path, data = "/password/forgotten/", {"email": email}
        from django.core.cache import cache

        cache.clear()
        started = time.perf_counter()
        client.post(path, data, **place)
        return time.perf_counter() - started

    wrong, notes, number = 0, [], 0
    for form in ("sign-in", "registration", "reset"):
        times: dict[str, list[float]] = {"known": [], "same": [], "unknown": []}
        order = [who for who in times for _again in range(count)]
        random.Random(7).shuffle(order)
        ask(form, known, 10**6)  # what is loaded once is no part of it
        for who in order:
            number += 1
            email = known if who != "unknown" else f"nobody{number}@new.example"
            times[who].append(ask(form, email, number))
        difference = abs(median(times["known"]) - median(times["unknown"]))
        noise = abs(median(times["known"]) - median(times["same"]))
        wrong += difference > ALLOWED + noise
        notes.append(f"{form} {difference * 1000:.1f} ms (same address {noise * 1000:.1f} ms)")
    print(3 * count, wrong, "; ".join(notes))


if __name__ == "__main__":
    main()
