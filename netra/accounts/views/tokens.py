from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from netra.accounts import tokens as catalogue
from netra.accounts.confirmation import SIGN_IN_AGAIN, can_confirm, is_confirmed
from netra.accounts.signed_in import signed_in
from netra.accounts.tokens import NewToken
from netra.core.exceptions import BadInput, Conflict, NotFound
from netra.core.spoken import spoken
from netra.language.language import Language
from netra.language.text import counted, text


class TokenForm(forms.Form):
    name = forms.CharField(max_length=catalogue.MOST_CHARS)
    days = forms.TypedChoiceField(coerce=int, initial=catalogue.DAYS)

    def __init__(self, language: Language, *args: Any) -> None:
        super().__init__(*args)
        spans = [(days, counted("{n} day", "{n} days", n=days)) for days in (7, 30, 90)] + [(365, text("a year"))]
        name: Any = self.fields["name"]
        name.label = language.say(text("Name"))
        name.help_text = language.say(text("What will use it, such as a script or a server."))
        name.widget.attrs |= {"autocomplete": "off"}
        days: Any = self.fields["days"]
        days.label = language.say(text("It works for"))
        days.choices = [(number, language.say(words)) for number, words in spans]


@require_safe
@login_required
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that there are, and a form for another."""
    return _page(request, TokenForm(spoken(request)))


@require_POST
@login_required
def create_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show it: in this answer and nowhere else. The password is asked for again before."""
    language, user = spoken(request), signed_in(request)
    form = TokenForm(language, request.POST)
    if not form.is_valid():
        return _page(request, form)
    if not is_confirmed(request, user):
        if can_confirm(user):
            raise ReauthenticationRequired
        form.add_error(None, language.say(SIGN_IN_AGAIN))
        return _page(request, form)
    try:
        made = catalogue.create(user, **form.cleaned_data)
    except (BadInput, Conflict) as error:
        form.add_error(None, language.say(str(error)))
        return _page(request, form)
    return _page(request, TokenForm(language), made)


@require_POST
@login_required
def revoke_token(request: HttpRequest, key: str) -> HttpResponse:
    try:
        catalogue.revoke(signed_in(request), key)
    except NotFound as error:
        raise Http404 from error
    messages.success(request, spoken(request).say(text("The token {key}… is revoked.", key=key)))
    return redirect("account_tokens")


def _page(request: HttpRequest, form: TokenForm, made: NewToken | None = None) -> HttpResponse:
    found = catalogue.tokens_of(signed_in(request))
    return render(request, "account/tokens.html", {"form": form, "tokens": found, "made": made})
