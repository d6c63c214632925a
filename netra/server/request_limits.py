"""How many HTTP requests are at work at once, of one user and in all; the others wait, users in turns.

A request at work has a thread and a connection to the database, so their number is also what keeps the rest of the
connections free for sockets and runs. Whose request it is decides about its queue only, never about what it may do:
a credential that a former answer was given to stands for that user, any other for the address that it comes from.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.http import parse_cookie

from netra.core.networks import scope_network
from netra.core.turns import Crowded, Turns
from netra.language.text import text
from netra.server.refusals import RETRY_SECONDS, Refusal

Scope = MutableMapping[str, Any]
Receive = Callable[..., Awaitable[Any]]
Send = Callable[..., Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Shield = Callable[[Awaitable[None]], Awaitable[None]]

WAITING_OF_ONE = 200
WAITING = 2_000
KNOWN = 10_000  # credentials whose user is remembered
OWN = Refusal(
    429,
    "throttled",
    text("Too many of your requests are waiting. Try again in a moment."),
    retry_after=1,
    closing=False,
)
ALL = Refusal(
    503, "operator_error", text("The server is busy. Try again in a moment."), retry_after=RETRY_SECONDS, closing=False
)


class RestGate:
    """One per process, on its event loop. `cookie` is the session cookie's name."""

    def __init__(self, at_once: int, *, cookie: str) -> None:
        self._turns = Turns(at_once=at_once, of_one=(at_once + 1) // 2, waiting=WAITING, waiting_of_one=WAITING_OF_ONE)
        self._cookie = cookie
        self._known: OrderedDict[bytes, UUID] = OrderedDict()

    async def serve(self, app: App, scope: Scope, receive: Receive, send: Send, shield: Shield) -> None:
        """Once it is this request's turn; from there on within `shield`."""
        digest = _credential(scope, self._cookie)
        key: Hashable = self._known.get(digest) or ("address", scope_network(scope))
        try:
            await self._turns.take(key)
        except Crowded as crowded:
            await (OWN if crowded.own else ALL).send(scope, send)
            return
        loop = asyncio.get_running_loop()

        def tell(user_id: UUID | None) -> None:
            # From a request's thread: two at once would take from the mapping what both look at.
            loop.call_soon_threadsafe(self._learn, digest, user_id)

        scope = {**scope, "state": {**scope["state"], "tell_caller": tell}}
        await shield(self._work(key, app, scope, receive, send))

    async def _work(self, key: Hashable, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        at_work = True

        def leave() -> None:
            nonlocal at_work
            if at_work:
                at_work = False
                self._turns.give_back(key)

        async def sending(message: MutableMapping[str, Any]) -> None:
            # The answer is made and its connection given back (netra.callers): who reads it slowly keeps no place.
            leave()
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            leave()

    def _learn(self, digest: bytes, user_id: UUID | None) -> None:
        """An answer was given to this user, or to nobody."""
        if user_id is None:
            self._known.pop(digest, None)
            return
        self._known[digest] = user_id
        self._known.move_to_end(digest)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)


def _credential(scope: Scope, cookie: str) -> bytes:
    """A digest of what came with the request to say whose it is."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope.get("headers", ()):
        headers.setdefault(name, value)
    given = headers.get(b"authorization", b"")
    if not given:
        given = parse_cookie(headers.get(b"cookie", b"").decode("latin-1")).get(cookie, "").encode()
    return sha256(given).digest()
