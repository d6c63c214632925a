from typing import Any

from allauth.account.forms import LoginForm
from django.conf import settings

from netra.core.spoken import spoken
from netra.language.text import text


class SignInForm(LoginForm):  # type: ignore[misc]
    """The sign-in, with a label that says what to type; the pages are for little else, so typing may begin at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = spoken(self.request).say(text("User name or e-mail"))
        login.widget.attrs = {
            "autocomplete": "username",
            "autofocus": True,
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        password.widget.attrs = {"autocomplete": "current-password"}
        password.help_text = ""  # the page has the link to a forgotten password's form

    @property
    def open_for_sign_up(self) -> bool:
        return bool(settings.NETRA.sign_up)
