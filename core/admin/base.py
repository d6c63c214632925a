"""Base classes, links and form fields of operators' pages."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet, UUIDField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.db import as_all_users
from core.exceptions import InvalidContext, UserError
from core.models import User
from core.users import find_user
from core.versions import RuleChange

HEX_ID_PATTERN = re.compile(r"\b[0-9a-fA-F]{32}\b")
"""An id without its hyphens."""


def link_to_row(page: str, pk: Any, text: str) -> SafeString:
    """Return a link to one row. `page` is app_model: a name, as the model may be in a package that imports core."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{page}_change", args=[pk]), text)


def link_to_page(page: str, text: str, **query: Any) -> SafeString:
    """Return a link to an admin page with a query."""
    values: Mapping[str, str] = {name: str(value) for name, value in query.items()}
    return format_html('<a href="{}?{}">{}</a>', reverse(f"admin:{page}"), urlencode(values), text)


def link_to_rows(page: str, text: str, **lookups: Any) -> SafeString:
    """Return a link to the rows that match the lookups."""
    return link_to_page(f"{page}_changelist", text, **lookups)


class UserChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in its stubs only
    """A form field for a user, by id or by name."""

    def to_python(self, value: Any) -> User | None:
        if value in self.empty_values:
            return None
        try:
            return find_user(str(value).strip())
        except UserError as error:
            raise forms.ValidationError(str(error), code="invalid_choice") from error


class ReasonForm(ActionForm):
    """Asks for a reason, beside the actions of a page."""

    why = forms.CharField(label="Why:", required=False, max_length=500)


def build_change(request: HttpRequest, why: str) -> RuleChange:
    """Return a change by the signed-in user."""
    if not isinstance(request.user, User):
        raise InvalidContext("only a signed-in user can change a rule")
    return RuleChange(actor_id=request.user.pk, actor=request.user.username, why=why)


class RestrictedLookupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """Allows only the filters that the page offers.

    Django's admin accepts any field of the model in the URL: `?title__startswith=a` would disclose, letter by letter,
    what the page does not show.
    """

    linked_lookups: ClassVar[tuple[str, ...]] = ()
    """Lookups by id that our own links from page to page use."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in self._allowed_lookups(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Accept a name where a user is entered by id: nobody knows ids by heart."""
        if db_field.name in self.raw_id_fields and db_field.remote_field.model is User:
            help_text = f"A name or an id. {db_field.help_text}".rstrip()
            options |= {"form_class": UserChoiceField, "help_text": help_text}
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find an id in any spelling: PostgreSQL compares the text of a UUID, which has hyphens."""
        if isinstance(self.model._meta.pk, UUIDField):
            search_term = HEX_ID_PATTERN.sub(lambda found: str(UUID(found[0])), search_term)
        return super().get_search_results(request, queryset, search_term)

    @as_all_users()
    def get_changelist_instance(self, request: HttpRequest) -> Any:
        return super().get_changelist_instance(request)

    def _allowed_lookups(self, request: HttpRequest | None) -> set[str]:
        allowed: set[str] = set(self.linked_lookups)
        filters = self.list_filter if request is None else self.get_list_filter(request)
        for name in filters:
            if isinstance(name, str):
                allowed |= {f"{name}__{kind}" for kind in ("exact", "gte", "lt", "isnull")}
            elif isinstance(name, type) and issubclass(name, admin.SimpleListFilter):
                allowed.add(str(name.parameter_name))
        if self.date_hierarchy:
            allowed |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day", "gte", "lt")}
        return allowed


class ReadOnlyAdmin(RestrictedLookupAdmin):
    """Shows the listed fields of rows; nobody, superusers included, can add, change or delete one."""

    actions = None
    list_per_page = 50
    show_full_result_count = False  # counting a long table twice takes too long

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
