"""Who may open a websocket, as whom: browsers by session cookie and one of our origins, others by token without one."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from asgiref.sync import sync_to_async
from channels.auth import get_user
from channels.sessions import CookieMiddleware, SessionMiddleware
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from netra.core.context import ConnectionContext
from netra.core.models import User

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class Door:
    """ASGI middleware: puts `context` (a ConnectionContext, or None for nobody) into the scope it hands on.

    A handshake from a foreign origin is refused before the socket opens; one without credentials is let through to be
    told so.
    """

    def __init__(self, inner: App, *, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(origins)
        self._browser: App = CookieMiddleware(SessionMiddleware(self._by_session))

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        headers = _single(scope["headers"])
        origin = headers.get("origin")
        if origin is None:
            context = await _context(scope, await _by_token(headers.get("authorization", "")))
            await self._inner({**scope, "context": context}, receive, send)
        elif origin in self._origins:
            await self._browser(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # daphne answers 403

    async def _by_session(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        user = await get_user(scope)
        context = await _context(scope, user if isinstance(user, User) and user.is_active else None)
        # The session itself stays behind: a context carries no credential.
        await self._inner({**_without(scope), "context": context}, receive, send)


def _without(scope: Scope) -> Scope:
    return {name: value for name, value in scope.items() if name not in ("session", "cookies", "user")}


def _single(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; one that comes twice counts as none of ours."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        found[key] = "" if key in found else value.decode("latin-1")
    return found


async def _by_token(header: str) -> User | None:
    kind, _, token = header.partition(" ")
    if kind.lower() != "token" or not token.strip():
        return None
    return await sync_to_async(_owner)(token.strip())


def _owner(token: str) -> User | None:
    try:
        user, _ = TokenAuthentication().authenticate_credentials(token.encode())
    except AuthenticationFailed:
        return None
    return user if isinstance(user, User) else None


async def _context(scope: Scope, user: User | None) -> ConnectionContext | None:
    if user is None:
        return None
    return ConnectionContext(
        user_id=user.id,
        request_id=uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=_locale(scope["headers"]),
    )


def _locale(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The browser's first language, as far as it looks like one."""
    given = _single(headers).get("accept-language", "")
    first = given.split(",")[0].split(";")[0].strip()
    return first if 2 <= len(first) <= 35 and first.replace("-", "").isalnum() and first.isascii() else "en"
