"""What a СПТ says when it refuses."""

from __future__ import annotations

from gateway_sim.field.errors import PasswordNeeded, Refused
from gateway_sim.meters.logika import frames

ERRORS = {
    0: "it does not know the request",
    1: "writing is locked",
    2: "a value is wrong",
    3: "there is no such record",
}


def checked(answer: frames.Answer) -> frames.Answer:
    """The meter's refusals become errors of ours. 4 and 5 ask for a password, which encrypts: not ours to try."""
    if answer.function != frames.ERROR:
        return answer
    code = answer.data[0] if answer.data else 0
    if code in (4, 5):
        raise PasswordNeeded("the meter asks for its password")
    raise Refused(f"the meter refuses: {ERRORS.get(code, f'error {code}')}", error=code)
