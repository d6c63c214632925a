"""How often one address may send the forms that need no sign-in: each costs a password's hash, a mail or a row."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from netra.accounts.devices import known_user
from netra.core.attempts import Counter, Limit, count_attempt
from netra.core.networks import client_address, wide_network
from netra.errorpages import answer
from netra.language.text import text

HOUR, DAY = 3600, 86_400

_SIGN_IN = Limit(name="form: sign in", most=300, seconds=HOUR)
_MAIL = Limit(name="form: mail", most=20, seconds=HOUR)
_ACCOUNT = Limit(name="form: account", most=20, seconds=HOUR)
_LINK = Limit(name="form: link", most=60, seconds=HOUR)
LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "account_login": _SIGN_IN,
        "account_confirm_login_code": _SIGN_IN,
        "mfa_authenticate": _SIGN_IN,
        "account_reset_password": _MAIL,
        "account_reset_password_from_key": _LINK,
        "account_confirm_email": _LINK,
        "account_signin_link": _LINK,
        "account_signup": _ACCOUNT,
        "socialaccount_signup": _ACCOUNT,
    }
)
"""By the route's name. A test holds every form that a stranger may send to it."""
WIDE = 5  # times as many for all addresses of a wide network


class ThrottleMiddleware(MiddlewareMixin):
    def process_view(self, request: HttpRequest, view: Any, args: Any, options: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        limit = LIMITS.get(match.url_name or "") if match is not None and request.method == "POST" else None
        if limit is None or may_send(request, limit):
            return None
        words = text("Too many requests came from your network. Try again later.")
        return answer(request, 429, "throttled", words)


def may_send(request: HttpRequest, limit: Limit) -> bool:
    """Whose browser has signed in before is counted by themselves: nobody else at their address can use that up. Who
    makes an account needs none that is there."""
    if limit is not _ACCOUNT and (user := known_user(request)) is not None:
        return count_attempt([Counter(limit=limit, subject=f"browsers of {user}")])
    address = client_address(request)
    wide = Limit(name=f"{limit.name}, network", most=limit.most * WIDE, seconds=limit.seconds)
    return count_attempt(
        [
            Counter(limit=limit, subject=f"address {address}"),
            Counter(limit=wide, subject=f"network {wide_network(address)}"),
        ]
    )
