"""Whether somebody who is signed in has just shown once more that it is they."""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, get_reauthentication_flows
from django.http import HttpRequest

from netra.core.models import User
from netra.language.text import text

SIGN_IN_AGAIN = text("Sign out, sign in again with your company's sign-in, and do it within five minutes.")


def can_confirm(user: User) -> bool:
    """Whether there is a password or a second factor to ask for; otherwise a company's sign-in is all there is."""
    return bool(get_reauthentication_flows(user))


def is_confirmed(request: HttpRequest, user: User) -> bool:
    """By the password or a second factor, again after the sign-in; who has neither must have signed in just now."""
    if can_confirm(user):
        return bool(did_recently_reauthenticate(request))
    records = get_authentication_records(request, user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
