"""Operators' pages of users and groups, their forms, and the rule that nobody edits a more privileged user."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, Permission
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from knox.models import AuthToken

from core.admin.base import RestrictedLookupAdmin, link_to_page, link_to_rows
from core.exceptions import BadInput
from core.models import User
from core.users import check_name


def has_higher_rank(other: User, user: User) -> bool:
    """Whether `other` may do something that `user` may not.

    An inactive user counts like an active one: whoever may edit them could activate them.
    """
    if user.is_superuser:
        return False
    if other.is_superuser:
        return True
    permissions = Permission.objects.filter(Q(user=other) | Q(group__user=other))
    names = {f"{app}.{codename}" for app, codename in permissions.values_list("content_type__app_label", "codename")}
    return not names <= user.get_all_permissions()


class _UsernameCheckMixin(forms.ModelForm):  # type: ignore[type-arg]  # generic in its stubs only
    def clean(self) -> dict[str, Any]:
        """Check the name if it changes: a name that is older than the rules may stay."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        name = data.get("username")
        if name and "username" in self.changed_data:
            own_id = None if self.instance._state.adding else self.instance.pk
            try:
                check_name(name, email=data.get("email") or self.instance.email or "", exclude_id=own_id)
            except BadInput as error:
                self.add_error("username", str(error))
        return data


class UserCreateForm(_UsernameCheckMixin, AdminUserCreationForm):  # type: ignore[type-arg]
    pass


class UserEditForm(_UsernameCheckMixin, UserChangeForm):  # type: ignore[type-arg]
    pass


class AdminSetPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """Sets a password, and revokes what else opens the account: an operator sets one if the old one is compromised."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password2"].help_text = "The user's API tokens are revoked, and their sessions end."

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit)
        AuthToken.objects.filter(user_id=user.pk).delete()
        return user


PRIVILEGE_FIELDS = ("is_staff", "is_superuser", "groups", "user_permissions")


@admin.register(User)
class UserAdmin(RestrictedLookupAdmin, StockUserAdmin):  # type: ignore[type-arg]
    """Creates accounts, deactivates them and assigns groups. It doesn't delete them, as that would delete all their
    data."""

    form = UserEditForm
    add_form = UserCreateForm
    change_password_form = AdminSetPasswordForm
    list_display = ("username", "id", "is_active", "is_staff", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups", "last_login", "date_joined")
    search_fields = ("=id", "^username", "^email")
    search_help_text = "An id, or the beginning of a name or an e-mail address"
    linked_lookups = ("groups__id__exact",)
    readonly_fields = ("id", "last_login", "date_joined", "runs", "audit", "rules")
    actions = None
    filter_horizontal = ()  # Django's widget with two lists is not usable with screen readers
    fieldsets = (
        (None, {"fields": ("username", "password", "id", "runs", "audit", "rules")}),
        ("Person", {"fields": ("display_name", "email")}),
        ("Permissions", {"fields": ("is_active", *PRIVILEGE_FIELDS)}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        found = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return found
        (title, first), *rest = found
        # Whoever may not set the password doesn't see the field.
        return ((title, {**first, "fields": [name for name in first["fields"] if name != "password"]}), *rest)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and isinstance(request.user, User) and has_higher_rank(obj, request.user):
            return False  # setting a password or address would be a way to sign in as them
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if _is_superuser(request) else (*fields, *PRIVILEGE_FIELDS)

    @admin.display(description="runs")
    def runs(self, user: User) -> SafeString:
        return link_to_rows("agents_run", "Runs of this user", owner__id__exact=user.id)

    @admin.display(description="audit")
    def audit(self, user: User) -> SafeString:
        return link_to_rows("audit_auditrow", "Calls of this user", q=user.id)

    @admin.display(description="rules")
    def rules(self, user: User) -> SafeString:
        return link_to_page("policy_policy_why", "Explain permissions", user=user.id)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(StockGroupAdmin):
    """Only superusers change a group's permissions: anybody else could give their own group everything."""

    filter_horizontal = ()  # Django's widget with two lists is not usable with screen readers

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if getattr(request.user, "is_superuser", False) else (*fields, "permissions")
