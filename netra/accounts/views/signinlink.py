from datetime import UTC, datetime

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from netra.accounts.signinlinks import owner_of, use_link


@require_http_methods(["GET", "HEAD", "POST"])
def signin_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A page with a button: whatever looks at links by itself, as mail programs do, uses none up.

    It stands for the password; a second factor is asked for as ever.
    """
    now = datetime.now(UTC)
    if request.method != "POST":
        return _page(request, valid=owner_of(secret, now=now) is not None)
    user = use_link(secret, now=now)
    if user is None:
        return _page(request, valid=False)
    record_authentication(request, user, method="signin_link")
    answer: HttpResponseBase = perform_login(request, Login(user=user, email_verification="none"))
    return answer


def _page(request: HttpRequest, *, valid: bool) -> HttpResponse:
    return render(request, "account/signin_link.html", {"valid": valid}, status=200 if valid else 410)
