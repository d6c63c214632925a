"""Forms for signing in, for setting a password (which offers to revoke API tokens) and for second factors' codes.

Attempts at passwords and codes are counted, and each code is accepted once, in all processes together."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm, LoginForm, ResetPasswordKeyForm, SetPasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.conf import settings

from accounts.attempt_limits import consume_code, count_code_attempt, count_reauthentication_attempt
from accounts.tokens import revoke_all_tokens
from core.i18n.language import request_language
from core.i18n.text import Text, text
from core.models import User

PASSWORD_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "oldpassword": text("Current password"),
        "password1": text("New password"),
        "password2": text("New password (again)"),
    }
)


class SignInForm(LoginForm):  # type: ignore[misc]
    """The sign-in form, with a clear label and the focus on its first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = request_language(self.request).translate(text("Username or email"))
        login.widget.attrs = {
            "autocomplete": "username",
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        password.widget.attrs = {"autocomplete": "current-password"}
        password.help_text = ""  # the page itself links to the form for forgotten passwords

    @property
    def is_sign_up_open(self) -> bool:
        return bool(settings.NETRA.sign_up)


class TokenRevocationForm(forms.Form):
    """A checkbox to revoke all API tokens, checked at first. Clients that do not show it revoke them."""

    revoke_tokens = forms.BooleanField(required=False, initial=True)
    revoke_tokens_asked = forms.BooleanField(required=False, initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["revoke_tokens"]
        language = request_language(context.request)
        for name, label in PASSWORD_LABELS.items():
            if name in self.fields:
                self.fields[name].label = language.translate(label)
                self.fields[name].widget.attrs.pop("placeholder", None)
        field.label = language.translate(text("Revoke all API tokens"))
        field.help_text = language.translate(
            text("Programs that use them stop working until you give them new tokens.")
        )

    def save(self) -> None:
        super().save()  # type: ignore[misc]  # the other base class has it
        data = self.cleaned_data
        if data["revoke_tokens"] or not data["revoke_tokens_asked"]:
            revoke_all_tokens(self.user)  # type: ignore[attr-defined]


class PasswordChangeForm(TokenRevocationForm, ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        """Check the old password with a limit, which the library lacks: a stolen session must not guess passwords."""
        password: str = self.cleaned_data.get("oldpassword", "")
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, password):
            raise adapter.validation_error("enter_current_password")
        return password


class FirstPasswordForm(TokenRevocationForm, SetPasswordForm):  # type: ignore[misc]
    pass


class PasswordResetForm(TokenRevocationForm, ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class SignInCodeForm(AuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return _verify_code(self.user, super().clean_code)


class ReauthenticationCodeForm(ReauthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return _verify_code(self.user, super().clean_code)


class ActivationCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        attempt = count_reauthentication_attempt(self.user)
        if attempt is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        attempt.succeed()
        return code


def _verify_code(user: User, check: Callable[[], str]) -> str:
    """Return the code. Raises ValidationError if it is wrong or used, or if there were too many attempts."""
    attempt = count_code_attempt(context.request, user)
    if attempt is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    code = check()
    if not consume_code(user, normalize_user_code(code)):
        raise get_adapter().validation_error("incorrect_code")
    attempt.succeed()
    return code
