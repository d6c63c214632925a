"""Nobody gains permissions in the admin through accounts, groups or second factors."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.models import User
from tests.accounts.test_second_factor import SECRET
from tests.conftest import People

NEW = {"usable_password": "true", "password1": "another horse 42", "password2": "another horse 42"}


def permission(name: str) -> Permission:
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


@pytest.fixture
def helper(people: People) -> User:
    """Staff who look after accounts."""
    people.neighbour.is_staff = True
    people.neighbour.save()
    names = (
        *(f"core.{act}_user" for act in ("add", "change", "view")),
        *(f"auth.{act}_group" for act in ("add", "change", "view")),
        *(f"mfa.{act}_authenticator" for act in ("delete", "view")),
    )
    people.neighbour.user_permissions.set([permission(name) for name in names])
    return people.neighbour


def _superuser(user: User) -> None:
    user.is_superuser = True


def _permit_reading(user: User) -> None:
    user.user_permissions.add(permission("operating.read_conversation"))


def _in_a_group(user: User) -> None:
    group = Group.objects.create(name="bosses")
    group.permissions.add(permission("policy.change_policy"))
    user.groups.add(group)


def _switched_off(user: User) -> None:
    _in_a_group(user)
    user.is_active = False


@pytest.mark.parametrize("rise", [_superuser, _permit_reading, _in_a_group, _switched_off])
def test_a_more_privileged_user_cannot_be_changed(helper: User, people: People, client: Client, rise: Any) -> None:
    boss = people.stranger
    rise(boss)
    boss.save()
    factor = TOTP.activate(boss, SECRET).instance
    client.force_login(helper)
    before = User.objects.filter(pk=boss.pk).values().get()
    assert client.post(f"/admin/core/user/{boss.pk}/password/", NEW).status_code == 403
    fields = {"username": "boss", "email": "helper@example.org", "is_active": "on"}
    assert client.post(f"/admin/core/user/{boss.pk}/change/", fields).status_code == 403
    assert client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=boss.pk).values().get() == before
    assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_a_less_privileged_user_can_be_changed(helper: User, people: People, client: Client) -> None:
    client.force_login(helper)
    assert client.post(f"/admin/core/user/{people.stranger.pk}/password/", NEW).status_code == 302
    people.stranger.refresh_from_db()
    assert people.stranger.check_password(NEW["password1"])


def test_nobody_grants_themselves_permissions(helper: User, client: Client) -> None:
    group = Group.objects.create(name="helpers")
    helper.groups.add(group)
    wanted = permission("policy.change_policy")
    client.force_login(helper)
    client.post(f"/admin/auth/group/{group.pk}/change/", {"name": "helpers", "permissions": [wanted.pk]})
    client.post("/admin/auth/group/add/", {"name": "more", "permissions": [wanted.pk]})
    client.post(
        f"/admin/core/user/{helper.pk}/change/",
        {"username": helper.username, "is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": [group.pk]}
        | {"user_permissions": [wanted.pk]},
    )
    now = User.objects.get(pk=helper.pk)
    assert not now.is_superuser
    assert not now.has_perm("policy.change_policy")
    assert Group.objects.filter(permissions=wanted, name__in=("helpers", "more")).count() == 0


def test_superusers_set_a_groups_permissions(people: People, client: Client) -> None:
    people.owner.is_staff = people.owner.is_superuser = True
    people.owner.save()
    client.force_login(people.owner)
    wanted = permission("policy.change_policy")
    client.post("/admin/auth/group/add/", {"name": "more", "permissions": [wanted.pk]})
    assert Group.objects.get(name="more").permissions.get() == wanted


def test_removing_a_lost_second_factor_lets_its_owner_in(helper: User, people: People, client: Client) -> None:
    factor = TOTP.activate(people.stranger, SECRET).instance
    RecoveryCodes.activate(people.stranger)
    client.force_login(helper)
    assert client.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not is_mfa_enabled(people.stranger)
    assert not Authenticator.objects.filter(user=people.stranger).exists()
