from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from netra.accounts import tokens as catalogue
from netra.accounts.signed_in import signed_in
from netra.accounts.tokens import NewToken
from netra.core.exceptions import Conflict, NotFound


class TokenForm(forms.Form):
    days = forms.TypedChoiceField(
        label="It works for",
        coerce=int,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "a year")],
        initial=catalogue.DAYS,
    )


@require_safe
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that there are, and a form for another."""
    return _page(request, TokenForm())


@require_POST
@login_required
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it: in this answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        made = catalogue.create(signed_in(request), days=form.cleaned_data["days"])
    except Conflict as error:
        form.add_error(None, str(error))
        return _page(request, form)
    return _page(request, TokenForm(), made)


@require_POST
@login_required
def revoke_token(request: HttpRequest, key: str) -> HttpResponse:
    try:
        catalogue.revoke(signed_in(request), key)
    except NotFound as error:
        raise Http404 from error
    messages.success(request, f"The token {key}… is revoked.")
    return redirect("account_tokens")


def _page(request: HttpRequest, form: TokenForm, made: NewToken | None = None) -> HttpResponse:
    found = catalogue.tokens_of(signed_in(request))
    return render(request, "account/tokens.html", {"form": form, "tokens": found, "made": made})
