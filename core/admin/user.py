from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from netra.core.admin.links import to_page, to_rows
from netra.core.admin.metadata import ListedLookups
from netra.core.admin.rank import outranks
from netra.core.admin.userforms import ChangedUserForm, NewUserForm, ReplacedPasswordForm
from netra.core.models import User

POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(ListedLookups, StockUserAdmin):  # type: ignore[type-arg]
    """Accounts: made, switched off, put into groups. Deleting one takes all that is theirs: not from here, not yet."""

    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = ReplacedPasswordForm
    list_display = ("username", "id", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "last_login", "date_joined")
    search_fields = ("=id", "^username", "^email")
    search_help_text = "An id, or the beginning of a name or an e-mail address"
    followed = ("groups__id__exact",)
    readonly_fields = ("id", "last_login", "date_joined", "runs", "audit", "rules")
    actions = None
    filter_horizontal = ()  # the stock widget for two lists is not for screen readers
    fieldsets = (
        (None, {"fields": ("username", "password", "id", "runs", "audit", "rules")}),
        ("Person", {"fields": ("display_name", "email")}),
        ("May", {"fields": ("is_active", *POWERS)}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        (title, first), *rest = found
        # Who may not set a password is shown nothing of it.
        return ((title, {**first, "fields": [name for name in first["fields"] if name != "password"]}), *rest)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and isinstance(request.user, User) and outranks(obj, request.user):
            return False  # a new password or address would be a way to become them
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else (*fields, *POWERS)

    @admin.display(description="runs")
    def runs(self, user: User) -> SafeString:
        return to_rows("agents_run", "Runs of this user", owner__id__exact=user.id)

    @admin.display(description="audit")
    def audit(self, user: User) -> SafeString:
        return to_rows("audit_auditrow", "Calls of this user", q=user.id)

    @admin.display(description="rules")
    def rules(self, user: User) -> SafeString:
        return to_page("policy_policy_why", "What may they do, and why?", user=user.id)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser
