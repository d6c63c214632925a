"""Authentication of websockets: browsers by session cookie and one of our origins, others by token and without an origin.

The credential is kept beside the socket, so that it can be checked again while the socket is open; never in a context, a
log or a frame.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from channels.auth import get_user
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models import Q
from knox.models import AuthToken
from rest_framework.exceptions import AuthenticationFailed

from core.api.authentication import TokenAuthentication, count_wrong_token
from core.context import ConnectionContext
from core.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.i18n.language import negotiate_language
from core.models import User
from core.networks import get_scope_network
from core.users import credential_fingerprint, load_fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """`key` is the session's, or the token's digest; `fingerprint` that of the user's password when they came in."""

    user_id: UUID
    kind: Literal["session", "token"]
    key: str
    fingerprint: str

    def __repr__(self) -> str:
        return f"Credential({self.kind} of {self.user_id})"


MAX_PER_QUERY = 5_000  # in one query


def find_withdrawn_credentials(credentials: Iterable[Credential]) -> set[Credential]:
    """Those that hold no more: signed out, expired, or their user deactivated, deleted or with another password.

    Three queries, whoever they are and however their authority was changed.
    """
    asked = list(dict.fromkeys(credentials))
    bad: set[Credential] = set()
    for start in range(0, len(asked), MAX_PER_QUERY):
        some = asked[start : start + MAX_PER_QUERY]
        users = load_fingerprints({each.user_id for each in some})
        sessions, tokens = (
            _valid_session_keys(_keys_of_kind(some, "session")),
            _valid_token_digests(_keys_of_kind(some, "token")),
        )
        for each in some:
            valid = sessions if each.kind == "session" else tokens
            if users.get(each.user_id) != each.fingerprint or each.key not in valid:
                bad.add(each)
    return bad


def _keys_of_kind(credentials: Iterable[Credential], kind: str) -> set[str]:
    return {each.key for each in credentials if each.kind == kind}


def _valid_session_keys(keys: set[str]) -> set[str]:
    if not keys:
        return set()
    valid = Session.objects.filter(session_key__in=keys, expire_date__gt=datetime.now(UTC))
    return set(valid.values_list("session_key", flat=True))


def _valid_token_digests(digests: set[str]) -> set[str]:
    if not digests:
        return set()
    unexpired = Q(expiry__isnull=True) | Q(expiry__gt=datetime.now(UTC))
    return set(AuthToken.objects.filter(unexpired, digest__in=digests).values_list("digest", flat=True))


Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]


class TooManyGuesses(Exception):
    """One wrong token too many came from this address."""


class WebSocketAuthMiddleware:
    """ASGI middleware: hands on a scope with `context` (a ConnectionContext) and `credential` (by what they came in),
    both None for nobody, and `locale`, a tag of a language that is spoken here.

    A handshake from a foreign origin is refused before the socket opens; one without credentials is let through to be
    told so.
    """

    def __init__(self, inner: App, *, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(origins)
        self._browser: App = CookieMiddleware(SessionMiddleware(self._authenticate_session))

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        origin = _parse_headers(scope["headers"]).get("origin")
        if origin is None:
            try:
                entered = await _authenticate_token(scope)
            except TooManyGuesses:
                await send({"type": "websocket.close"})
                return
            await self._inner(entered, receive, send)
        elif origin in self._origins:
            await self._browser(scope, receive, send)
        else:
            await send({"type": "websocket.close"})  # daphne answers 403

    async def _authenticate_session(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        # Its own thread would be everybody's: the function alone, on ours.
        user = await _get_database(scope).run(_get_turn_key(scope), get_user.func, scope)
        known = user if isinstance(user, User) and user.is_active else None
        await self._inner(_to_socket_scope(scope, known, scope["session"].session_key), receive, send)


def _parse_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; one that comes twice counts as none of ours."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.decode("latin-1").lower()
        found[key] = "" if key in found else value.decode("latin-1")
    return found


async def _authenticate_token(scope: Scope) -> Scope:
    return _to_socket_scope(scope, *await _find_token_user(scope))


async def _find_token_user(scope: Scope) -> tuple[User | None, str]:
    """Whose token it is, and its digest. Raises TooManyGuesses."""
    kind, _, token = _parse_headers(scope["headers"]).get("authorization", "").partition(" ")
    if kind.lower() != "token" or not token.strip():
        return None, ""
    return await _get_database(scope).run(_get_turn_key(scope), _verify_token, token.strip(), get_scope_network(scope))


def _get_database(scope: Scope) -> DatabaseExecutor:
    found: DatabaseExecutor | None = scope.get("state", {}).get("database")
    return found or SharedThreadExecutor()


def _get_turn_key(scope: Scope) -> tuple[str, str]:
    """Who asks, while nobody knows whom they are: an address's handshakes wait for one another."""
    return ("address", get_scope_network(scope))


def _verify_token(token: str, address: str) -> tuple[User | None, str]:
    try:
        user, found = TokenAuthentication().authenticate_credentials(token.encode("utf-8", "replace"))
    except AuthenticationFailed as error:
        if not count_wrong_token(address):
            raise TooManyGuesses from error
        return None, ""
    return (user, found.digest) if isinstance(user, User) else (None, "")


def _to_socket_scope(scope: Scope, user: User | None, key: str | None) -> Scope:
    """What a socket needs of its scope, with `context`, `credential` and `locale`; cookies, headers and session stay
    behind."""
    kept = {name: scope[name] for name in ("type", "path", "state", "inflow") if name in scope}
    kept["locale"] = locale = negotiate_language(_parse_headers(scope["headers"]).get("accept-language", "")).tag
    if user is None or not key:
        return {**kept, "context": None, "credential": None}
    kind: Literal["session", "token"] = "session" if "session" in scope else "token"
    credential = Credential(user_id=user.id, kind=kind, key=key, fingerprint=credential_fingerprint(user.password))
    return {**kept, "context": _make_context(user, locale), "credential": credential}


def _make_context(user: User, locale: str) -> ConnectionContext:
    return ConnectionContext(
        user_id=user.id,
        request_id=uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=locale,
    )
