"""Codes of second factors: counted wherever they are typed, and used once, whichever process they come to."""

from collections.abc import Callable

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm

from netra.accounts.guesses import begin_code, begin_own, use_code
from netra.core.models import User


class SignInCodeForm(AuthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return _checked(self.user, super().clean_code)


class ConfirmCodeForm(ReauthenticateForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        return _checked(self.user, super().clean_code)


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    def clean_code(self) -> str:
        guess = begin_own(context.request, self.user)
        if guess is None:
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()
        guess.succeed()
        return code


def _checked(user: User, check: Callable[[], str]) -> str:
    """Raises ValidationError for a wrong code, one that was used before, and one too many."""
    guess = begin_code(context.request, user)
    if guess is None:
        raise get_adapter().validation_error("too_many_login_attempts")
    code = check()
    if not use_code(user, normalize_user_code(code)):
        raise get_adapter().validation_error("incorrect_code")
    guess.succeed()
    return code
