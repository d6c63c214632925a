"""What the gate before all requests (netra.restgate) must know of one that is answered: whose it was, and that it keeps
no connection to the database."""

from typing import Any
from uuid import UUID

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from netra.core.models import User


class CallersMiddleware(MiddlewareMixin):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        state = getattr(request, "scope", {}).get("state", {})
        if "tell_caller" in state:
            _tell(request, state["tell_caller"])
            # Django does so when the answer has been read, which is in its reader's hand. No answer of ours is made
            # while it is sent.
            close_old_connections()
        return response


def _tell(request: HttpRequest, tell: Any) -> None:
    user: Any = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")  # nobody has asked who it is: neither do we
    if user is not None:
        tell(_id_of(user))


def _id_of(user: Any) -> UUID | None:
    return user.id if isinstance(user, User) else None
