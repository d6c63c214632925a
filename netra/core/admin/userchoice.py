from typing import Any

from django import forms

from netra.core.exceptions import UserError
from netra.core.models import User
from netra.core.usernames import find_user


class UserChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in its stubs only
    """A user, by id or by name."""

    def to_python(self, value: Any) -> User | None:
        if value in self.empty_values:
            return None
        try:
            return find_user(str(value).strip())
        except UserError as error:
            raise forms.ValidationError(str(error), code="invalid_choice") from error
