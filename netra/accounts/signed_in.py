from django.http import HttpRequest
from rest_framework.request import Request

from netra.core.exceptions import InvalidContext
from netra.core.models import User


def signed_in(request: HttpRequest | Request) -> User:
    """The user of a request that only somebody who signed in can make."""
    if not isinstance(request.user, User):
        raise InvalidContext("a request that nobody signed in for")
    return request.user
