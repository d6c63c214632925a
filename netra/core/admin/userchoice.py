from typing import Any
from uuid import UUID

from django import forms

from netra.core.models import User


class UserChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in its stubs only
    """A user, by name or by id. A name first: it may look like an id."""

    default_error_messages = {"invalid_choice": "There is no user “%(value)s” in this installation."}

    def to_python(self, value: Any) -> User | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        found = User.objects.filter(username=text).first() or _by_id(text)
        if found is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return found


def _by_id(text: str) -> User | None:
    try:
        return User.objects.filter(pk=UUID(text)).first()
    except ValueError:
        return None
