"""Forms in which somebody who is signed in, or has a link, sets a password. Each offers to revoke API tokens."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, ResetPasswordKeyForm, SetPasswordForm
from allauth.core import context
from django import forms

from netra.accounts.tokens import revoke_all
from netra.core.spoken import spoken
from netra.language.text import text


class TokensRevoked(forms.Form):
    """A box that is ticked at first. A client that shows no box revokes them."""

    revoke_tokens = forms.BooleanField(required=False, initial=True)
    revoke_tokens_asked = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        box = self.fields["revoke_tokens"]
        language = spoken(context.request)
        box.label = language.say(text("Revoke all API tokens"))
        box.help_text = language.say(text("Programs that use them stop working until they get new ones."))

    def save(self) -> None:
        super().save()  # type: ignore[misc]  # of the form that this is put before
        given = self.cleaned_data
        if given["revoke_tokens"] or not given["revoke_tokens_asked"]:
            revoke_all(self.user)  # type: ignore[attr-defined]


class ChangedPasswordForm(TokensRevoked, ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        """The library compares it by itself: counted as everywhere, so that a stolen session guesses no password."""
        old: str = self.cleaned_data.get("oldpassword", "")
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, old):
            raise adapter.validation_error("enter_current_password")
        return old


class FirstPasswordForm(TokensRevoked, SetPasswordForm):  # type: ignore[misc]
    pass


class ReplacedPasswordForm(TokensRevoked, ResetPasswordKeyForm):  # type: ignore[misc]
    pass
