"""The admin site, with the ordinary sign-in and a limit on the length of searches.

Each search word and each sort column adds a condition to the database query."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from csp.decorators import csp_replace
from django.contrib.admin import AdminSite
from django.contrib.admin.exceptions import DisallowedModelAdminToField
from django.contrib.admin.options import TO_FIELD_VAR
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import SimpleTemplateResponse

from core.db import as_all_users
from core.i18n.language import ENGLISH

MAX_SEARCH_CHARACTERS = 200
MAX_SEARCH_WORDS = 8
MAX_SORT_COLUMNS = 20
SEARCH_PARAMETERS = ("q", "term")
"""The parameters with search words: of lists, and of fields with autocompletion."""

SEARCH_TOO_LONG = (
    f"This search is too long. Enter at most {MAX_SEARCH_WORDS} words and {MAX_SEARCH_CHARACTERS} characters, "
    f"and sort by at most {MAX_SORT_COLUMNS} columns."
)
APP_TITLES: Mapping[str, str] = {"auth": "Groups", "knox": "API tokens", "mfa": "Second factors", "legacy": "Migration"}
MODEL_TITLES: Mapping[str, str] = {
    "workloads.workload": "Logs",
    "agents.thread": "Conversations",
    "audit.auditrow": "Audited calls",
    "knox.authtoken": "API tokens",
    "mfa.authenticator": "Second factors",
    "legacy.rolloutversion": "Rollout rule versions",
    "legacy.runpath": "Rollout assignments",
    "legacy.shadowresult": "Shadow results",
    "legacy.legacyuse": "Legacy API usage",
}
"""Titles in the index, the sidebar and above lists, if those of the libraries or models do not suit operators."""

# The stock admin's jQuery assigns markup as text, which Trusted Types refuse. All other rules apply there too.
CSP_WITHOUT_TRUSTED_TYPES: Mapping[str, None] = {"require-trusted-types-for": None, "trusted-types": None}


def is_search_too_long(request: HttpRequest) -> bool:
    searches = [words for name in SEARCH_PARAMETERS for words in request.GET.getlist(name)]
    return (
        any(len(words) > MAX_SEARCH_CHARACTERS or len(words.split()) > MAX_SEARCH_WORDS for words in searches)
        or sum(order.count(".") + 1 for order in request.GET.getlist("o")) > MAX_SORT_COLUMNS
    )


def limit_searches(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that too long searches are answered with 400."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> Any:
        return _reject_search() if is_search_too_long(request) else view(request, *args, **options)

    return answer


def refuse_empty_field(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that an empty name of a field to find a row by is answered with 400, as any other wrong name is:
    Django looks such a field up without checking it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> Any:
        if "" in (*request.GET.getlist(TO_FIELD_VAR), *request.POST.getlist(TO_FIELD_VAR)):
            raise DisallowedModelAdminToField("The field to find a row by is empty.")
        return view(request, *args, **options)

    return answer


def show_all_users(view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view so that it is answered with the rows of all users, completely: no part is rendered later.

    Not an action: its calls of tools are audited in transactions of their own. It asks for the rows itself.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **options: Any) -> Any:
        if "action" in request.POST:
            return view(request, *args, **options)
        with as_all_users():
            response = view(request, *args, **options)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response

    return answer


def _reject_search() -> HttpResponse:
    return HttpResponse(render_to_string("error.html", {"message": SEARCH_TOO_LONG, "language": ENGLISH}), status=400)


class NetraAdminSite(AdminSite):
    """The admin with the same sign-in as everything else, and so the same rate limits and second factors."""

    site_title = site_header = "Netra"
    index_title = "Administration"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        sections = super().get_app_list(request, app_label)
        for section in sections:
            section["name"] = APP_TITLES.get(section["app_label"], section["name"])
            for page in section["models"]:
                page["name"] = MODEL_TITLES.get(page["model"]._meta.label_lower, page["name"])
        return sections

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        return csp_replace(dict(CSP_WITHOUT_TRUSTED_TYPES))(
            super().admin_view(show_all_users(limit_searches(refuse_empty_field(view))), cacheable)
        )

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Redirect to the one form for a new password, which counts attempts at the old one."""
        return redirect("account_change_password")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return secure_admin_login(super().login)(request, extra_context)
