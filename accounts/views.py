"""HTML pages of an account: overview, first password, one-time sign-in link and API tokens."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.models import EmailAddress, Login
from allauth.account.views import PasswordSetView
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import tokens
from accounts.sessions import SIGN_IN_AGAIN, can_reauthenticate, get_signed_in_user, is_recently_authenticated
from accounts.sign_in_links import find_link_user, use_sign_in_link
from accounts.tokens import NewToken
from core.exceptions import BadInput, Conflict, NotFound
from core.i18n.language import Language, request_language
from core.i18n.text import plural_text, text


@require_safe
@login_required
def show_overview(request: HttpRequest) -> HttpResponse:
    """Show an overview of the account."""
    user = get_signed_in_user(request)
    address = EmailAddress.objects.get_primary(user)
    return render(
        request,
        "account/overview.html",
        {
            "email": address.email if address else user.email,
            "verified": bool(address and address.verified),
            "second_factor": is_mfa_enabled(user),
            "tokens": tokens.list_tokens(user).count(),
            "has_password": user.has_usable_password(),
            "companies": bool(settings.NETRA.oidc),
        },
    )


class FirstPasswordView(PasswordSetView):  # type: ignore[misc]
    """Sets a first password, after re-authentication, which the library does not ask for.

    The form must be sent again then: it contains a password, which is not stored meanwhile.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        user = get_signed_in_user(request)
        if not user.has_usable_password() and is_reauthentication_required(request, app="allauth.account"):
            methods = get_adapter(request).get_reauthentication_methods(user)
            return redirect(f"{methods[0]['url']}?{urlencode({'next': request.path})}")
        response: HttpResponseBase = super().dispatch(request, *args, **options)
        return response


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_with_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """Show a page with a button, so that programs that fetch links, as mail programs do, use none up.

    The link replaces the password; a second factor is still needed.
    """
    now = datetime.now(UTC)
    if request.method != "POST":
        return _render_link_page(request, valid=find_link_user(secret, now=now) is not None)
    user = use_sign_in_link(secret, now=now)
    if user is None:
        return _render_link_page(request, valid=False)
    record_authentication(request, user, method="signin_link")
    response: HttpResponseBase = perform_login(request, Login(user=user, email_verification="none"))
    return response


def _render_link_page(request: HttpRequest, *, valid: bool) -> HttpResponse:
    return render(request, "account/signin_link.html", {"valid": valid}, status=200 if valid else 410)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=tokens.MAX_NAME_CHARS)
    days = forms.TypedChoiceField(coerce=int, initial=tokens.DEFAULT_DAYS)

    def __init__(self, language: Language, *args: Any) -> None:
        super().__init__(*args)
        choices = [(days, plural_text("{n} day", "{n} days", n=days)) for days in (7, 30, 90)] + [(365, text("1 year"))]
        name: Any = self.fields["name"]
        name.label = language.translate(text("Name"))
        name.help_text = language.translate(text("The program that will use it, such as a script or a server."))
        name.widget.attrs |= {"autocomplete": "off"}
        days: Any = self.fields["days"]
        days.label = language.translate(text("Expires after"))
        days.choices = [(count, language.translate(words)) for count, words in choices]


@require_safe
@login_required
def show_tokens(request: HttpRequest) -> HttpResponse:
    """Show the tokens and a form for a new one."""
    return _render_tokens_page(request, TokenForm(request_language(request)))


@require_POST
@login_required
def create_token(request: HttpRequest) -> HttpResponse:
    """Create a token after re-authentication, and show it in this response only."""
    language, user = request_language(request), get_signed_in_user(request)
    form = TokenForm(language, request.POST)
    if not form.is_valid():
        return _render_tokens_page(request, form)
    if not is_recently_authenticated(request, user):
        if can_reauthenticate(user):
            raise ReauthenticationRequired
        form.add_error(None, language.translate(SIGN_IN_AGAIN))
        return _render_tokens_page(request, form)
    try:
        new_token = tokens.create_token(user, **form.cleaned_data)
    except (BadInput, Conflict) as error:
        form.add_error(None, language.translate(str(error)))
        return _render_tokens_page(request, form)
    return _render_tokens_page(request, TokenForm(language), new_token)


@require_POST
@login_required
def revoke_token(request: HttpRequest, key: str) -> HttpResponse:
    try:
        tokens.revoke_token(get_signed_in_user(request), key)
    except NotFound as error:
        raise Http404 from error
    messages.success(request, request_language(request).translate(text("Token {key}… has been revoked.", key=key)))
    return redirect("account_tokens")


def _render_tokens_page(request: HttpRequest, form: TokenForm, new_token: NewToken | None = None) -> HttpResponse:
    found = tokens.list_tokens(get_signed_in_user(request))
    return render(request, "account/tokens.html", {"form": form, "tokens": found, "new_token": new_token})
