"""Forms in which somebody who is signed in, or has a link, sets a password."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import ChangePasswordForm


class ChangedPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    def clean_oldpassword(self) -> str:
        """The library compares it by itself: counted as everywhere, so that a stolen session guesses no password."""
        old: str = self.cleaned_data.get("oldpassword", "")
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, old):
            raise adapter.validation_error("enter_current_password")
        return old
