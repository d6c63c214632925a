"""Limits on the requests of one process: how many are handled at once, and how many public pages are served.

Waiting requests are handled in turns by user. The user is not known before the request is handled, so a credential that
an earlier response belonged to stands for its user, any other for the address. This decides about the queue only."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from functools import partial
from hashlib import sha256
from threading import Lock
from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase, parse_cookie
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from core.concurrency.fair_semaphore import FairSemaphore, TooManyWaiting
from core.i18n.text import text
from core.models import User
from core.networks import get_scope_network, to_narrow_network
from netra.config import Environment
from netra.server.refusals import RETRY_SECONDS, Refusal
from realtime.limits import TokenBucket, TokenBuckets

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
    """The queue of one process, on its event loop. `cookie` is the session cookie's name."""

    def __init__(self, at_once: int, *, cookie: str) -> None:
        self._semaphore = FairSemaphore(
            slots=at_once,
            slots_per_key=(at_once + 1) // 2,
            max_waiting=MAX_WAITING,
            max_waiting_per_key=MAX_WAITING_OF_USER,
        )
        self._session_cookie = cookie
        self._users_by_credential: OrderedDict[bytes, UUID] = OrderedDict()

    async def serve(self, app: App, scope: Scope, receive: Receive, send: Send, shield: Shield) -> None:
        """Handle the request once it is its turn; from then on within `shield`."""
        digest = _credential_digest(scope, self._session_cookie)
        key: Hashable = self._users_by_credential.get(digest) or ("address", get_scope_network(scope))
        try:
            await self._semaphore.acquire(key)
        except TooManyWaiting as error:
            await (USER_QUEUE_FULL if error.is_own else QUEUE_FULL).send(scope, send)
            return
        loop = asyncio.get_running_loop()

        def report_user(user_id: UUID | None) -> None:
            # Called in a request's thread; only the event loop may change the mapping.
            loop.call_soon_threadsafe(self._remember_user, digest, user_id)

        await shield(self._handle(key, app, {**scope, "report_user": report_user}, receive, send))

    async def _handle(self, key: Hashable, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        has_slot = True

        def release() -> None:
            nonlocal has_slot
            if has_slot:
                has_slot = False
                self._semaphore.release(key)

        async def release_and_send(message: MutableMapping[str, Any]) -> None:
            # The response is rendered and its database connection closed (RequestUserMiddleware), so a client that
            # reads slowly holds no slot.
            release()
            await send(message)

        loop = asyncio.get_running_loop()
        # For a request that has another process compute (core.api.views.hold_computing_slot), in its thread.
        scope = {**scope, "release_turn": partial(loop.call_soon_threadsafe, release)}
        try:
            await app(scope, receive, release_and_send)
        finally:
            release()

    def _remember_user(self, digest: bytes, user_id: UUID | None) -> None:
        """Remember whose response this credential got; None if nobody's."""
        if user_id is None:
            self._users_by_credential.pop(digest, None)
            return
        self._users_by_credential[digest] = user_id
        self._users_by_credential.move_to_end(digest)
        if len(self._users_by_credential) > MAX_REMEMBERED_CREDENTIALS:
            self._users_by_credential.popitem(last=False)


def _credential_digest(scope: Scope, cookie: str) -> bytes:
    """Return a digest of the request's credential: its Authorization header, or else its session cookie."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):
        headers.setdefault(name, value)
    credential = headers.get(b"authorization", b"")
    if not credential:
        credential = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(cookie, "").encode()
    return sha256(credential).digest()


class RequestUserMiddleware(MiddlewareMixin):
    """Reports the user of a response to the queue, and closes its database connection."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        scope = getattr(request, "scope", {})
        if "report_user" in scope:
            _report_user(request, scope["report_user"])
            # Django would do so only when the client has read the response. No response of ours is computed while it
            # is sent.
            close_old_connections()
        return response


def _report_user(request: HttpRequest, report: Callable[[UUID | None], None]) -> None:
    user: Any = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")  # not evaluated here: that would be a query
    if user is not None:
        report(_user_id(user))


def _user_id(user: Any) -> UUID | None:
    return user.id if isinstance(user, User) else None


# Requests that each address may make however many the others make; a sign-in takes about five. Without them, enough
# addresses to use up the total limit would keep everybody else from signing in.
RESERVED_PER_MINUTE = 10


class AnonymousRateLimiter:
    """Limits requests for public pages in one process. Its memory is bounded."""

    def __init__(self, environment: Environment, clock: Callable[[], float] = time.monotonic) -> None:
        per_address, total = environment.page_requests_per_minute, environment.page_requests_in_all
        self._lock = Lock()  # requests are in threads
        self._by_address = TokenBuckets(per_address / 60, per_address / 2, clock) if per_address else None
        self._in_all = TokenBucket(total / 60, total / 2, clock) if total else None
        self._reserved = TokenBuckets(RESERVED_PER_MINUTE / 60, RESERVED_PER_MINUTE, clock)

    def take(self, address: str) -> bool:
        """Count a request and return whether it is allowed. One above its own address's limit costs the others none."""
        network = to_narrow_network(address)
        with self._lock:
            if self._by_address is not None and not self._by_address.get_bucket(network).take():
                return False
            return self._in_all is None or self._in_all.take() or self._reserved.get_bucket(network).take()
