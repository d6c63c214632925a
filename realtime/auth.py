"""Authentication of websockets: browsers by session cookie and allowed origin, others by token and without an origin.

The credential is stored beside the socket, so that it can be checked again while the socket is open. It is never part
of a context, a log or a frame.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, ParamSpec, TypeVar
from uuid import UUID, uuid4

from channels.auth import get_user
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.contrib.sessions.models import Session
from django.db import Error as DatabaseError
from django.db.models import Q
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from core.api.authentication import TokenAuthentication, count_wrong_token
from core.concurrency.connection_pool import is_pool_timeout
from core.context import ConnectionContext
from core.db import is_database_away
from core.i18n.language import negotiate_language
from core.models import User
from core.networks import get_scope_network
from core.scope_services import RequestServices, read_services
from core.users import credential_fingerprint, load_fingerprints
from realtime.protocol import CloseCode

log = logging.getLogger(__name__)

MAX_PER_QUERY = 5_000

Scope = MutableMapping[str, Any]
Params = ParamSpec("Params")
Result = TypeVar("Result")
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a socket was opened with. `key` is the session's key or the token's digest; `fingerprint` is that of the
    user's password at that time."""

    user_id: UUID
    kind: Literal["session", "token"]
    key: str
    fingerprint: str

    def __repr__(self) -> str:
        return f"Credential({self.kind} of {self.user_id})"


def find_withdrawn_credentials(credentials: Iterable[Credential]) -> set[Credential]:
    """Return the credentials that are no longer valid: signed out, expired, or their user is deactivated, deleted or
    has another password.

    Three queries, however many users there are and however their authority was changed.
    """
    unique = list(dict.fromkeys(credentials))
    withdrawn: set[Credential] = set()
    for start in range(0, len(unique), MAX_PER_QUERY):
        chunk = unique[start : start + MAX_PER_QUERY]
        fingerprints = load_fingerprints({credential.user_id for credential in chunk})
        sessions = _find_valid_session_keys(_collect_keys(chunk, "session"))
        tokens = _find_valid_token_digests(_collect_keys(chunk, "token"))
        for credential in chunk:
            valid_keys = sessions if credential.kind == "session" else tokens
            if fingerprints.get(credential.user_id) != credential.fingerprint or credential.key not in valid_keys:
                withdrawn.add(credential)
    return withdrawn


def _collect_keys(credentials: Iterable[Credential], kind: str) -> set[str]:
    return {credential.key for credential in credentials if credential.kind == kind}


def _find_valid_session_keys(keys: set[str]) -> set[str]:
    if not keys:
        return set()
    valid = Session.objects.filter(session_key__in=keys, expire_date__gt=datetime.now(UTC))
    return set(valid.values_list("session_key", flat=True))


def _find_valid_token_digests(digests: set[str]) -> set[str]:
    if not digests:
        return set()
    unexpired = Q(expiry__isnull=True) | Q(expiry__gt=datetime.now(UTC))
    return set(AuthToken.objects.filter(unexpired, digest__in=digests).values_list("digest", flat=True))


class TooManyGuesses(Exception):
    """Too many wrong tokens came from this address."""


class WebSocketAuthMiddleware:
    """ASGI middleware that adds `context` (a ConnectionContext), `credential` and `locale` (a tag of one of our
    languages) to the scope. Context and credential are None for somebody who is not signed in.

    A handshake from a foreign origin is refused before the socket opens. One without credentials goes through, so that
    the client can be told why it is closed. While the database is away, the socket is closed as by a server that stops.
    """

    def __init__(self, inner: App, *, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(origins)
        self._browser: App = CookieMiddleware(SessionMiddleware(self._authenticate_session))

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        try:
            await self._authenticate(scope, receive, send)
        except _DatabaseAway as away:
            log.warning("a websocket could not be opened because the database is away: %r", away.__cause__)
            await receive()  # websocket.connect
            await send({"type": "websocket.accept"})  # or there is no close code
            await send({"type": "websocket.close", "code": CloseCode.GOING_AWAY})

    async def _authenticate(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        origin = _parse_headers(scope["headers"]).get("origin")
        if origin is None:
            try:
                user, digest = await _find_token_user(scope)
            except TooManyGuesses:
                await send({"type": "websocket.close"})
                return
            await self._inner(_to_socket_scope(scope, user, digest), receive, send)
        elif origin in self._origins:
            await self._browser(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # daphne answers 403

    async def _authenticate_session(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        # `get_user` itself would run in the one thread that asgiref shares among all: its function runs in ours.
        user = await _look_up(scope, get_user.func, scope)
        active_user = user if isinstance(user, User) and user.is_active else None
        await self._inner(_to_socket_scope(scope, active_user, scope["session"].session_key), receive, send)


def _parse_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by their names in lower case. One that comes twice is empty, which matches nothing."""
    values: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        values[key] = "" if key in values else value.decode("latin-1")
    return values


async def _find_token_user(scope: Scope) -> tuple[User | None, str]:
    """Return the user whose token it is, and its digest. Raises TooManyGuesses."""
    kind, _, token = _parse_headers(scope["headers"]).get("authorization", "").partition(" ")
    if kind.lower() != "token" or not token.strip():
        return None, ""
    return await _look_up(scope, _verify_token, token.strip(), get_scope_network(scope))


class _DatabaseAway(Exception):
    """Nobody can be looked up now."""


async def _look_up(scope: Scope, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs) -> Result:
    """Do database work for a handshake, in turns by address, as the user is not known yet. Raises _DatabaseAway."""
    database, key = read_services(scope, RequestServices).handshake_database, ("address", get_scope_network(scope))
    try:
        return await database.run(key, work, *args, **kwargs)
    except DatabaseError as error:
        if not is_database_away(error):
            raise
        if is_pool_timeout(error):
            raise _DatabaseAway from error
    try:
        # A restart of the database breaks the connections, and who uses one first finds out.
        return await database.run(key, work, *args, **kwargs)
    except DatabaseError as error:
        raise (_DatabaseAway() if is_database_away(error) else error) from error


def _verify_token(token: str, address: str) -> tuple[User | None, str]:
    try:
        user, auth_token = TokenAuthentication().authenticate_credentials(token.encode("utf-8", "replace"))
    except AuthenticationFailed as error:
        if not count_wrong_token(address):
            raise TooManyGuesses from error
        return None, ""
    return (user, auth_token.digest) if isinstance(user, User) else (None, "")


def _to_socket_scope(scope: Scope, user: User | None, key: str | None) -> Scope:
    """Return a scope with `context`, `credential`, `locale` and what else a socket needs, but without cookies, headers
    and session."""
    socket_scope = {
        name: scope[name] for name in ("type", "path", "services", "transport_output", "frame_limiter") if name in scope
    }
    locale = negotiate_language(_parse_headers(scope["headers"]).get("accept-language", "")).tag
    socket_scope |= {"locale": locale, "context": None, "credential": None}
    if user is None or not key:
        return socket_scope
    kind: Literal["session", "token"] = "session" if "session" in scope else "token"
    credential = Credential(user_id=user.id, kind=kind, key=key, fingerprint=credential_fingerprint(user.password))
    return socket_scope | {"context": _make_context(user, locale), "credential": credential}


def _make_context(user: User, locale: str) -> ConnectionContext:
    return ConnectionContext(
        user_id=user.id,
        request_id=uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=locale,
    )
