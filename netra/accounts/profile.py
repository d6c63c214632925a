"""What an account itself knows of its user, for the user: named one by one, so that no key or hash is among it."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db.models import Model
from knox.models import AuthToken

from netra.core.models import User
from tools.policy.models import Policy, Subscription

ACCOUNT = (
    *("id", "username", "display_name", "first_name", "last_name", "email"),
    *("is_active", "is_staff", "is_superuser", "date_joined", "last_login"),
)


def profile(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in ACCOUNT} | {
        "groups": sorted(user.groups.values_list("name", flat=True)),
        "email_addresses": _rows(EmailAddress, user, "email", "verified", "primary"),
        "api_tokens": _rows(AuthToken, user, "token_key", "label__name", "created", "expiry"),
        "second_factors": _rows(Authenticator, user, "type", "created_at", "last_used_at"),
        "sign_ins": _rows(UserSession, user, "ip", "user_agent", "created_at", "last_seen_at"),
        "company_sign_ins": _rows(SocialAccount, user, "provider", "uid", "extra_data", "date_joined", "last_login"),
        "plans": _rows(Subscription, user, "plan__name", "trial_ends"),
        "rules": _rows(Policy, user, "effect", "tool", "category", "limits", "valid_from", "valid_until", "reason"),
    }


def _rows(model: type[Model], user: User, *columns: str) -> list[dict[str, Any]]:
    return list(model._default_manager.filter(user=user).order_by("pk").values(*columns))
