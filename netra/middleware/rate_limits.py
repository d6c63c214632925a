"""Rate limits of pages that need no sign-in.

All of them are limited per address and in total, in this process and without the database; their forms are limited per
address and account, in the database and across all processes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from accounts.attempt_limits import find_last_user
from core.attempts import AttemptCounter, AttemptLimit, count_attempt
from core.i18n.text import text
from core.networks import get_client_network, to_wide_network
from core.scope_services import find_services
from netra.error_pages import render_error
from netra.server.refusals import RETRY_SECONDS
from netra.server.scope_services import ServerServices

# The pages of accounts contain a form token for each request, so they cannot be cached; a session is looked up for the
# metrics. Health and static files cost next to nothing: see netra.server.scope_services and whitenoise.
ANONYMOUS_PATHS = ("/accounts/", "/admin/", "/api/schema/", "/metrics")


class AnonymousMiddleware(MiddlewareMixin):
    """Answers 429 before a session is looked up or a page is rendered."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        services = find_services(request, ServerServices)
        if services is None or not request.path_info.startswith(ANONYMOUS_PATHS):
            return None
        if services.anonymous_limiter.take(request.META.get("REMOTE_ADDR", "")):
            return None
        words = text("Too many requests in a short time. Try again in a moment.")
        answer = render_error(request, 429, "throttled", words)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer


HOUR, DAY = 3600, 86_400

_SIGN_IN = AttemptLimit(name="form: sign in", max_attempts=300, seconds=HOUR)
_MAIL = AttemptLimit(name="form: mail", max_attempts=20, seconds=HOUR)
_ACCOUNT = AttemptLimit(name="form: account", max_attempts=20, seconds=HOUR)
_LINK = AttemptLimit(name="form: link", max_attempts=60, seconds=HOUR)
FORM_LIMITS: Mapping[str, AttemptLimit] = MappingProxyType(
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
"""By the route's name. A test checks that every form that a stranger may send is in it."""
NETWORK_FACTOR = 5  # all addresses of a wide network may send so many times as many


class FormThrottleMiddleware(MiddlewareMixin):
    def process_view(self, request: HttpRequest, view: Any, args: Any, options: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        limit = FORM_LIMITS.get(match.url_name or "") if match is not None and request.method == "POST" else None
        if limit is None or count_form(request, limit):
            return None
        words = text("Too many requests came from your network. Try again later.")
        return render_error(request, 429, "throttled", words)


def count_form(request: HttpRequest, limit: AttemptLimit) -> bool:
    """Count the form, and return whether it is allowed.

    A browser that has signed in before is counted by its user, so that nobody else at the address can use up the limit.
    That doesn't apply to signing up, which is counted by address.
    """
    if limit is not _ACCOUNT and (user := find_last_user(request)) is not None:
        return count_attempt([AttemptCounter(limit=limit, subject=f"browsers of {user}")])
    address = get_client_network(request)
    wide = AttemptLimit(
        name=f"{limit.name}, network", max_attempts=limit.max_attempts * NETWORK_FACTOR, seconds=limit.seconds
    )
    return count_attempt(
        [
            AttemptCounter(limit=limit, subject=f"address {address}"),
            AttemptCounter(limit=wide, subject=f"network {to_wide_network(address)}"),
        ]
    )
