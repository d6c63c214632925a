"""The admin's forms of accounts, which ask of a new name what everybody asks of one."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from knox.models import AuthToken

from netra.core.exceptions import BadInput
from netra.core.models import User
from netra.core.usernames import check_name


class _NameChecked(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    def clean(self) -> dict[str, Any]:
        """A name that was there before there were rules may stay: it is looked at when it changes."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        name = given.get("username")
        if name and "username" in self.changed_data:
            there = None if self.instance._state.adding else self.instance.pk
            try:
                check_name(name, email=given.get("email") or self.instance.email or "", but=there)
            except BadInput as error:
                self.add_error("username", str(error))
        return given


class NewUserForm(_NameChecked, AdminUserCreationForm):  # type: ignore[type-arg]
    pass


class ChangedUserForm(_NameChecked, UserChangeForm):  # type: ignore[type-arg]
    pass


class ReplacedPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """An operator sets a password where something is wrong with the old one: what else opens the account ends, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password2"].help_text = "The user's API tokens are revoked, and their sessions end."

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        AuthToken.objects.filter(user_id=user.pk).delete()
        return user
