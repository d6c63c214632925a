"""What every operator's page of users' things is built on."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from netra.core.admin.userchoice import UserChoice
from netra.core.models import User


class ListedLookups(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in its stubs only
    """Answers only the filters that it offers.

    The stock admin takes any field of the model from the address: `?title__startswith=a` would tell, letter by
    letter, what the page does not show.
    """

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in self._offered(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """A user who is not chosen from a list may be named: nobody knows ids by heart."""
        if db_field.name in self.raw_id_fields and db_field.remote_field.model is User:
            help_text = f"A name or an id. {db_field.help_text}".rstrip()
            options |= {"form_class": UserChoice, "help_text": help_text}
        return super().formfield_for_foreignkey(db_field, request, **options)

    def _offered(self, request: HttpRequest | None) -> set[str]:
        offered: set[str] = set()
        filters = self.list_filter if request is None else self.get_list_filter(request)
        for name in filters:
            if isinstance(name, str):
                offered |= {f"{name}__{kind}" for kind in ("exact", "gte", "lt", "isnull")}
            elif isinstance(name, type) and issubclass(name, admin.SimpleListFilter):
                offered.add(str(name.parameter_name))
        if self.date_hierarchy:
            offered |= {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day", "gte", "lt")}
        return offered | set(self.followed)

    followed: ClassVar[tuple[str, ...]] = ()
    """Lookups by id that our own links from page to page use."""


class MetadataAdmin(ListedLookups):
    """Rows to look at: listed fields only, and nobody, superusers included, adds, changes or deletes one here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False  # counting a table twice takes long where it is long

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
