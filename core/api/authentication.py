"""API tokens, as REST and the websocket take them.

Wrong ones are counted by address; a right one is let in, whoever else is at that address.
"""

import re
from typing import Any

from knox import auth
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from netra.core.attempts import Counter, Limit, count_attempt
from netra.core.networks import client_address

TOKEN = re.compile(rb"[0-9A-Za-z]{8,128}")
WRONG_TOKENS = Limit(name="wrong tokens", most=100, seconds=600)


def may_guess(address: str) -> bool:
    """`address` as limits count it. Counts one wrong token; False from where there were too many."""
    return count_attempt([Counter(limit=WRONG_TOKENS, subject=f"address {address}")])


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """Knox's, which looks up whatever comes. What cannot be a token of ours is nobody's, and nothing is looked up."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except AuthenticationFailed as error:
            if may_guess(client_address(request._request)):
                raise
            raise Throttled(wait=WRONG_TOKENS.seconds) from error

    def authenticate_credentials(self, token: bytes) -> Any:
        if not TOKEN.fullmatch(token):
            raise AuthenticationFailed
        return super().authenticate_credentials(token)
