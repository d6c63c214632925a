"""Limits on the requests that one process takes: how many are handled at once, of one user and in all, and how many of pages open to anybody.
Waiting requests are handled in turns by user. The user decides only about the queue: a credential that an earlier response belonged to stands for
its user, any other for the address that it comes from."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from hashlib import sha256
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase, parse_cookie
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from core.fair_semaphore import FairSemaphore, TooManyWaiting
from core.i18n.text import text
from core.models import User
from core.networks import get_scope_network, to_narrow_network
from netra.config import Environment
from netra.server.refusals import RETRY_SECONDS, Refusal
from realtime.rate_limits import TokenBucket, TokenBuckets

Scope = MutableMapping[str, Any]
Receive = Callable[..., Awaitable[Any]]
Send = Callable[..., Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Shield = Callable[[Awaitable[None]], Awaitable[None]]

MAX_WAITING_OF_USER = 200
MAX_WAITING = 2_000
MAX_REMEMBERED_CREDENTIALS = 10_000  # credentials whose user is remembered
USER_QUEUE_FULL = Refusal(
    429,
    "throttled",
    text("Too many of your requests are waiting. Try again in a moment."),
    retry_after=1,
    closing=False,
)
QUEUE_FULL = Refusal(
    503, "operator_error", text("The server is busy. Try again in a moment."), retry_after=RETRY_SECONDS, closing=False
)


class RequestQueue:
    """One per process, on its event loop. `cookie` is the session cookie's name."""

    def __init__(self, at_once: int, *, cookie: str) -> None:
        self._semaphore = FairSemaphore(
            at_once=at_once, of_one=(at_once + 1) // 2, waiting=MAX_WAITING, waiting_of_one=MAX_WAITING_OF_USER
        )
        self._session_cookie = cookie
        self._users_by_credential: OrderedDict[bytes, UUID] = OrderedDict()

    async def serve(self, app: App, scope: Scope, receive: Receive, send: Send, shield: Shield) -> None:
        """Once it is this request's turn; from there on within `shield`."""
        digest = _credential_digest(scope, self._session_cookie)
        key: Hashable = self._users_by_credential.get(digest) or ("address", get_scope_network(scope))
        try:
            await self._semaphore.acquire(key)
        except TooManyWaiting as crowded:
            await (USER_QUEUE_FULL if crowded.is_own else QUEUE_FULL).send(scope, send)
            return
        loop = asyncio.get_running_loop()

        def tell(user_id: UUID | None) -> None:
            # From a request's thread: two at once would take from the mapping what both look at.
            loop.call_soon_threadsafe(self._remember_user, digest, user_id)

        scope = {**scope, "state": {**scope["state"], "tell_caller": tell}}
        await shield(self._handle(key, app, scope, receive, send))

    async def _handle(self, key: Hashable, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        at_work = True

        def leave() -> None:
            nonlocal at_work
            if at_work:
                at_work = False
                self._semaphore.release(key)

        async def sending(message: MutableMapping[str, Any]) -> None:
            # The answer is made and its connection given back (netra.server.request_limits): who reads it slowly keeps no place.
            leave()
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            leave()

    def _remember_user(self, digest: bytes, user_id: UUID | None) -> None:
        """An answer was given to this user, or to nobody."""
        if user_id is None:
            self._users_by_credential.pop(digest, None)
            return
        self._users_by_credential[digest] = user_id
        self._users_by_credential.move_to_end(digest)
        if len(self._users_by_credential) > MAX_REMEMBERED_CREDENTIALS:
            self._users_by_credential.popitem(last=False)


def _credential_digest(scope: Scope, cookie: str) -> bytes:
    """A digest of what came with the request to say whose it is."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):
        headers.setdefault(name, value)
    given = headers.get(b"authorization", b"")
    if not given:
        given = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(cookie, "").encode()
    return sha256(given).digest()


class RequestUserMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        state = getattr(request, "scope", {}).get("state", {})
        if "tell_caller" in state:
            _report_user(request, state["tell_caller"])
            # Django does so when the answer has been read, which is in its reader's hand. No answer of ours is made
            # while it is sent.
            close_old_connections()
        return response


def _report_user(request: HttpRequest, tell: Any) -> None:
    user: Any = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")  # nobody has asked who it is: neither do we
    if user is not None:
        tell(_user_id(user))


def _user_id(user: Any) -> UUID | None:
    return user.id if isinstance(user, User) else None


# What every address may ask for however much the others do: a sign-in takes about five requests. Without it, as many
# addresses as use up what is left in all would keep everybody else from signing in.
RESERVED_PER_MINUTE = 10


class AnonymousRateLimiter:
    """What is left, of one process: `scope["state"]["anonymous"]`. Bounded in memory (realtime.rate_limits)."""

    def __init__(self, environment: Environment) -> None:
        each, everybody = environment.page_requests_per_minute, environment.page_requests_in_all
        self._lock = Lock()  # requests are in threads
        self._by_address = TokenBuckets(each / 60, each / 2) if each else None
        self._in_all = TokenBucket(everybody / 60, everybody / 2) if everybody else None
        self._reserved = TokenBuckets(RESERVED_PER_MINUTE / 60, RESERVED_PER_MINUTE)

    def take(self, address: str) -> bool:
        """Whether a request from this address may go on. One that its own address has no more for costs the others
        nothing."""
        network = to_narrow_network(address)
        with self._lock:
            if self._by_address is not None and not self._by_address.get_bucket(network).take():
                return False
            return self._in_all is None or self._in_all.take() or self._reserved.get_bucket(network).take()
