from collections.abc import Callable
from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.shortcuts import redirect

from netra.accounts.adminsearch import with_short_searches
from netra.csp import WITHOUT_TRUSTED_TYPES


class NetraAdminSite(AdminSite):
    """The admin, entered through the same sign-in as everything else: rate limits and second factors hold here too."""

    site_title = site_header = "Netra"
    index_title = "What happens here"

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return csp_replace(dict(WITHOUT_TRUSTED_TYPES))(super().admin_view(with_short_searches(view), cacheable))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """There is one form for a new password, which counts wrong old ones."""
        return redirect("account_change_password")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return secure_admin_login(super().login)(request, extra_context)
