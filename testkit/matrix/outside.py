"""Pages outside any programme."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outside:
    """A page outside any programme. `anonymous` and `member` are the answers to (GET, POST) with `args`."""

    anonymous: tuple[int, int]
    member: tuple[int, int]
    args: tuple[str, ...] = ()
    token: str = ""  # a link of a mail: the name of its secret in `Side.ids`
    signed_in: bool = False


PERSONAL: dict[str, Any] = {"anonymous": (302, 302), "signed_in": True}
OUTSIDE: dict[str, Outside] = {
    "legal": Outside((200, 405), (200, 405)),
    "accessibility": Outside((200, 405), (200, 405)),
    "set_appearance": Outside((405, 302), (405, 302)),
    "security": Outside((200, 405), (200, 405)),
    "security_txt": Outside((200, 405), (200, 405)),
    "set_language": Outside((405, 302), (405, 302)),
    "home": Outside((200, 422), (302, 302)),
    "hint_stop": Outside(
        (404, 404), (404, 404), ("no-such-programme", "00000000-0000-4000-8000-000000000000")
    ),
    "sign_out": Outside((405, 302), (405, 302)),
    "choose_programme": Outside((302, 405), (302, 405), signed_in=True),
    "second_step": Outside((302, 302), (302, 302)),
    "passkey_options": Outside((200, 405), (200, 405)),
    "passkey_sign_in": Outside((405, 302), (405, 302)),
    "confirm": Outside(**PERSONAL, member=(200, 422)),
    "own_security": Outside((302, 405), (200, 405), signed_in=True),
    "app_add": Outside(**PERSONAL, member=(200, 422)),
    "app_remove": Outside(**PERSONAL, member=(200, 302)),
    "passkey_add": Outside(**PERSONAL, member=(404, 404)),  # the tests' site is an address of digits
    "passkey_remove": Outside(**PERSONAL, member=(404, 404), args=(str(uuid.uuid4()),)),
    "recovery_renew": Outside((405, 302), (405, 302), signed_in=True),
    "browsers_end": Outside((405, 302), (405, 302), signed_in=True),
    "browser_end": Outside((405, 302), (405, 302), ("0" * 40,), signed_in=True),
    "own_data": Outside((302, 405), (200, 405), signed_in=True),
    "data_export": Outside((405, 302), (405, 302), signed_in=True),
    "data_download": Outside((302, 405), (404, 405), (str(uuid.uuid4()),), signed_in=True),
    "data_erase": Outside(**PERSONAL, member=(200, 422)),
    "register": Outside((200, 422), (200, 422)),
    "mail_sent": Outside((302, 405), (302, 405)),
    "activate": Outside((410, 410), (410, 410), ("no-such-link",)),
    "password_forgotten": Outside((200, 422), (200, 422)),
    "password_reset": Outside((200, 422), (200, 422), token="reset"),
    "address_confirm": Outside(**PERSONAL, member=(410, 410), token="address"),
    "own_account": Outside(**PERSONAL, member=(200, 302)),  # each of its fields may be empty
    "own_email": Outside(**PERSONAL, member=(200, 422)),
    "own_password": Outside(**PERSONAL, member=(200, 422)),
    "mailbox": Outside((200, 405), (200, 405)),
    "mail": Outside((404, 405), (404, 405), ("no-such-mail",)),
    "mail_html": Outside((404, 405), (404, 405), ("no-such-mail",)),
    "style": Outside((200, 405), (200, 405)),
}
