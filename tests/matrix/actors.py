"""The six callers, as Django knows them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib.auth.models import Group
from django.test import Client

from accounts.roles import OPERATORS, set_up_roles
from core.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Actors:
    """Named as a row's columns; `deactivated` is a second sign-in of the owner's."""

    owner: User
    other: User
    demoted: User
    operator: User


def actors() -> Actors:
    set_up_roles()
    operator = User.objects.create(username="olga", is_staff=True)
    operator.groups.add(Group.objects.get(name=OPERATORS))
    return Actors(
        owner=User.objects.create(username="owner", display_name="Alex Doe"),
        other=User.objects.create(username="neighbour", display_name="Alex Doe"),
        demoted=User.objects.create(username="root", is_staff=True, is_superuser=True),
        operator=operator,
    )


def signed_in(who: Actors) -> dict[str, Client]:
    """A browser for each column, signed in at a time when all of them were somebody."""
    users = {"owner": who.owner, "other": who.other, "demoted": who.demoted, "operator": who.operator}
    browsers = {"anonymous": Client(raise_request_exception=False)}
    for name, user in (users | {"deactivated": who.owner}).items():
        browsers[name] = Client(raise_request_exception=False)
        browsers[name].force_login(user)
    return browsers


def apply_change(column: str, who: Actors, *, staff: bool) -> None:
    """Change a caller's rights between two calls; `staff`: the one who is demoted may still open the admin."""
    if column == "deactivated":
        User.objects.filter(pk=who.owner.pk).update(is_active=False)
    if column == "demoted":
        User.objects.filter(pk=who.demoted.pk).update(is_superuser=False, is_staff=staff)


NOW = datetime(2026, 1, 1, tzinfo=UTC)
