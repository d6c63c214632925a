from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.account.views import PasswordSetView
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import urlencode

from netra.accounts.signed_in import signed_in


class FirstPasswordView(PasswordSetView):  # type: ignore[misc]
    """The library asks nobody to show again that it is they. What was sent before is dropped: it has a password."""

    def dispatch(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        user = signed_in(request)
        if not user.has_usable_password() and is_reauthentication_required(request, app="allauth.account"):
            methods = get_adapter(request).get_reauthentication_methods(user)
            return redirect(f"{methods[0]['url']}?{urlencode({'next': request.path})}")
        answer: HttpResponseBase = super().dispatch(request, *args, **options)
        return answer
