"""Who may open a websocket, as whom: browsers by session cookie and one of our origins, others by token without one."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from channels.auth import get_user
from channels.sessions import CookieMiddleware, SessionMiddleware
from rest_framework.exceptions import AuthenticationFailed

from netra.core.api.authentication import TokenAuthentication, may_guess
from netra.core.authority import stamp
from netra.core.context import ConnectionContext
from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.models import User
from netra.core.networks import scope_network
from netra.language.languages import asked_for
from realtime.credential import Credential

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class TooManyGuesses(Exception):
    """One wrong token too many came from this address."""


class Door:
    """ASGI middleware: hands on a scope with `context` (a ConnectionContext) and `credential` (by what they came in),
    both None for nobody, and `locale`, a tag of a language that is spoken here.

    A handshake from a foreign origin is refused before the socket opens; one without credentials is let through to be
    told so.
    """

    def __init__(self, inner: App, *, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(origins)
        self._browser: App = CookieMiddleware(SessionMiddleware(self._by_session))

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        origin = _single(scope["headers"]).get("origin")
        if origin is None:
            try:
                entered = await _with_token(scope)
            except TooManyGuesses:
                await send({"type": "websocket.close"})
                return
            await self._inner(entered, receive, send)
        elif origin in self._origins:
            await self._browser(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # daphne answers 403

    async def _by_session(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        # Its own thread would be everybody's: the function alone, on ours.
        user = await _database(scope).run(_asking(scope), get_user.func, scope)
        known = user if isinstance(user, User) and user.is_active else None
        await self._inner(_entered(scope, known, scope["session"].session_key), receive, send)


def _single(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; one that comes twice counts as none of ours."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        found[key] = "" if key in found else value.decode("latin-1")
    return found


async def _with_token(scope: Scope) -> Scope:
    return _entered(scope, *await _by_token(scope))


async def _by_token(scope: Scope) -> tuple[User | None, str]:
    """Whose token it is, and its digest. Raises TooManyGuesses."""
    kind, _, token = _single(scope["headers"]).get("authorization", "").partition(" ")
    if kind.lower() != "token" or not token.strip():
        return None, ""
    return await _database(scope).run(_asking(scope), _owner, token.strip(), scope_network(scope))


def _database(scope: Scope) -> DatabaseWork:
    found: DatabaseWork | None = scope.get("state", {}).get("database")
    return found or SharedThread()


def _asking(scope: Scope) -> tuple[str, str]:
    """Who asks, while nobody knows whom they are: an address's handshakes wait for one another."""
    return ("address", scope_network(scope))


def _owner(token: str, address: str) -> tuple[User | None, str]:
    try:
        user, found = TokenAuthentication().authenticate_credentials(token.encode("utf-8", "replace"))
    except AuthenticationFailed as error:
        if not may_guess(address):
            raise TooManyGuesses from error
        return None, ""
    return (user, found.digest) if isinstance(user, User) else (None, "")


def _entered(scope: Scope, user: User | None, key: str | None) -> Scope:
    """What a socket needs of its scope, with `context`, `credential` and `locale`; cookies, headers and session stay
    behind."""
    kept = {name: scope[name] for name in ("type", "path", "state", "inflow") if name in scope}
    kept["locale"] = locale = asked_for(_single(scope["headers"]).get("accept-language", "")).tag
    if user is None or not key:
        return {**kept, "context": None, "credential": None}
    kind: Literal["session", "token"] = "session" if "session" in scope else "token"
    credential = Credential(user_id=user.id, kind=kind, key=key, stamp=stamp(user.password))
    return {**kept, "context": _context(user, locale), "credential": credential}


def _context(user: User, locale: str) -> ConnectionContext:
    return ConnectionContext(
        user_id=user.id,
        request_id=uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=locale,
    )
