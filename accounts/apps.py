"""The Django apps of accounts and of the admin site."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.apps import AppConfig
from django.contrib.admin import autodiscover
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core.checks import CheckMessage, Tags, register
from django.db.models.signals import post_migrate

from core.retention import Prunable


class NetraAdminConfig(SimpleAdminConfig):
    """The admin's pages are loaded where they are served (netra.urls) or checked: that takes a third of a second, and
    most commands need none."""

    default_site = "accounts.admin_site.NetraAdminSite"

    def ready(self) -> None:
        register(check_dependencies, Tags.admin)
        register(check_pages, Tags.admin)


def check_pages(app_configs: Sequence[AppConfig] | None, **options: Any) -> list[CheckMessage]:
    autodiscover()
    return check_admin_app(app_configs, **options)


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
