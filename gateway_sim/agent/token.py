"""Exchanging the token for another one."""

from __future__ import annotations

from gateway_sim.agent.client import Answer, PortalClient, PortalError
from gateway_sim.agent.state import StateDir


def is_token(text: object) -> bool:
    """It goes into a header as it is."""
    return (
        isinstance(text, str)
        and 0 < len(text) <= 500
        and text.isascii()
        and text.isprintable()
        and " " not in text
    )


class TokenRefused(PortalError):
    """The portal gave no new token; `answer` says why."""

    code = "token"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.message or f"the portal answered with {answer.status}")


def token_rotate(state: StateDir, client: PortalClient) -> None:
    """Ask for a new token and keep it. Raises `TokenRefused`, `PortalError` or `StateError`; the old one works on then."""
    answer = client.request("POST", "/api/v1/activation/token", {})
    token = answer.data.get("token") if isinstance(answer.data, dict) else None
    if answer.status != 200 or not isinstance(token, str) or not is_token(token):
        raise TokenRefused(answer)
    state.save_token(token)  # on the disk before its first use
    client.use_token(token)
