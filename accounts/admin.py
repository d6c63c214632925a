"""Admin pages for API tokens and second factors.

The libraries' own pages would show secrets, or create tokens for other users."""

from importlib import import_module
from typing import ClassVar

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from knox.models import AuthToken

from core.admin.base import ReadOnlyAdmin, link_to_row
from core.admin.user import has_higher_rank
from core.models import User

for library in ("allauth.account", "allauth.mfa", "allauth.socialaccount", "allauth.usersessions", "knox"):
    import_module(f"{library}.admin")  # whoever imports this module first: it registers what is removed here
for model in (
    *(Authenticator, AuthToken, EmailAddress, EmailConfirmation),
    *(SocialAccount, SocialApp, SocialToken, UserSession),
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
if apps.is_installed("procrastinate.contrib.django"):
    for model in apps.get_app_config("procrastinate").get_models():
        if admin.site.is_registered(model):
            admin.site.unregister(model)  # operators have the tool engine_health


class RemovableAdmin(ReadOnlyAdmin):
    """Rows of a user that can be deleted, but neither added nor changed."""

    list_select_related: ClassVar[tuple[str, ...]] = ("user",)
    search_fields = ("=user__id", "^user__username")
    search_help_text = "A user's id, or the beginning of a username"

    def has_delete_permission(self, request: HttpRequest, obj: AuthToken | Authenticator | None = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)

    @admin.display(description="user", ordering="user__username")
    def of_user(self, row: AuthToken | Authenticator) -> SafeString:
        return link_to_row("core_user", row.user_id, row.user.username)


@admin.register(AuthToken)
class TokenAdmin(RemovableAdmin):
    """API tokens. Their owners create them; lost ones can be revoked here."""

    list_display = ("token_key", "token_name", "of_user", "created", "expiry")
    list_filter = ("created", "expiry")
    list_select_related: ClassVar[tuple[str, ...]] = ("user", "label")
    fields = readonly_fields = ("token_key", "token_name", "of_user", "created", "expiry")

    @admin.display(description="name", ordering="label__name")
    def token_name(self, row: AuthToken) -> str:
        return row.label.name if hasattr(row, "label") else "-"


@admin.register(Authenticator)
class AuthenticatorAdmin(RemovableAdmin):
    """Second factors. Removing a lost one, with its recovery codes, lets its owner sign in again."""

    list_display = ("id", "of_user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at", "last_used_at")
    fields = readonly_fields = ("of_user", "type", "created_at", "last_used_at")

    def has_delete_permission(self, request: HttpRequest, obj: AuthToken | Authenticator | None = None) -> bool:
        if obj is not None and isinstance(request.user, User) and has_higher_rank(obj.user, request.user):
            return False  # it would be half of taking over their account
        return super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        obj.delete()
        delete_dangling_recovery_codes(obj.user)
