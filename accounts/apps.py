"""The Django apps of accounts and of the admin site."""

from datetime import UTC, datetime

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate

from core.retention import Prunable


class NetraAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.NetraAdminSite"


class AccountsConfig(AppConfig):
    name = "accounts"
    label = "accounts"

    def ready(self) -> None:
        # Imported here, because models are not loaded before.
        from allauth.account.signals import password_reset  # noqa: PLC0415

        from accounts.attempt_limits import unlock_after_reset  # noqa: PLC0415
        from accounts.roles import set_up_roles  # noqa: PLC0415

        password_reset.connect(unlock_after_reset, dispatch_uid="accounts.attempt_limits")
        post_migrate.connect(set_up_roles, sender=self)

    def list_prunable(self, before: datetime) -> tuple[Prunable, ...]:
        """Return the expired sign-ins, tokens and attempts, whose time is in the rows (core.retention.HasPrunable)."""
        from accounts.retention import ExpiredAttempts, ExpiredSessions, ExpiredTokens  # noqa: PLC0415

        now = datetime.now(UTC)
        return (ExpiredSessions(now=now), ExpiredTokens(now=now), ExpiredAttempts(now=now))
