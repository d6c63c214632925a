"""API tokens for REST and the websocket.

Wrong tokens are counted by address; a right one is accepted whatever others at that address do."""

import re
from typing import Any

from knox import auth
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request

from core.attempts import AttemptCounter, AttemptLimit, count_attempt
from core.networks import get_client_network

TOKEN_PATTERN = re.compile(rb"[0-9A-Za-z]{8,128}")
WRONG_TOKEN_LIMIT = AttemptLimit(name="wrong tokens", max_attempts=100, seconds=600)


def count_wrong_token(address: str) -> bool:
    """Count a wrong token from an address, as limits count addresses. False if there were too many."""
    return count_attempt([AttemptCounter(limit=WRONG_TOKEN_LIMIT, subject=f"address {address}")])


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """Knox's authentication, without looking up what cannot be one of our tokens."""

    def authenticate(self, request: Request) -> Any:
        try:
            return super().authenticate(request)
        except AuthenticationFailed as error:
            if count_wrong_token(get_client_network(request._request)):
                raise
            raise Throttled(wait=WRONG_TOKEN_LIMIT.seconds) from error

    def authenticate_credentials(self, token: bytes) -> Any:
        if not TOKEN_PATTERN.fullmatch(token):
            raise AuthenticationFailed
        return super().authenticate_credentials(token)
