"""API tokens, as REST and the websocket take them."""

import re
from typing import Any

from knox import auth
from rest_framework.exceptions import AuthenticationFailed

TOKEN = re.compile(rb"[0-9A-Za-z]{8,128}")


class TokenAuthentication(auth.TokenAuthentication):  # type: ignore[misc]
    """Knox's, which looks up whatever comes. What cannot be a token of ours is nobody's, and no database is asked."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not TOKEN.fullmatch(token):
            raise AuthenticationFailed
        return super().authenticate_credentials(token)
