"""Roles are set up once, and an installation's changes to them last."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts import roles
from accounts.roles import ADMINISTRATORS, OPERATOR_PERMISSIONS, OPERATORS, POWER_USERS, ROLES, USERS, set_up_roles
from tools.policy.models import RoleGrant

pytestmark = pytest.mark.django_db


def permissions_of(role: str) -> set[str]:
    found = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in found}


def test_migrate_creates_the_roles() -> None:
    assert set(Group.objects.values_list("name", flat=True)) >= {USERS, POWER_USERS, OPERATORS, ADMINISTRATORS}
    assert {"core.view_user", "core.view_measures", "policy.view_policy", "policy.view_plan"} <= permissions_of(
        OPERATORS
    )
    assert {name for name in permissions_of(OPERATORS) if ".view_" not in name} == set(OPERATOR_PERMISSIONS)
    assert {"policy.add_policy", "policy.change_plan", "policy.add_subscription"} <= permissions_of(ADMINISTRATORS)
    assert not {name for name in permissions_of(ADMINISTRATORS) if name.endswith("delete_policy")}
    assert permissions_of(USERS) == permissions_of(POWER_USERS) == set()


def test_every_permission_of_a_role_exists() -> None:
    for role, wanted in ROLES.items():
        assert permissions_of(role) == set(wanted)


def test_an_installations_changes_to_roles_last() -> None:
    operators = Group.objects.get(name=OPERATORS)
    operators.permissions.remove(Permission.objects.get(codename="view_event"))
    operators.permissions.add(Permission.objects.get(codename="add_user"))
    Group.objects.get(name=POWER_USERS).delete()
    before = permissions_of(OPERATORS)
    set_up_roles()
    assert permissions_of(OPERATORS) == before
    assert "core.view_event" not in before and "core.add_user" in before
    assert not Group.objects.filter(name=POWER_USERS).exists()


def test_a_new_permission_is_granted(monkeypatch: pytest.MonkeyPatch) -> None:
    operators = Group.objects.get(name=OPERATORS)
    operators.permissions.remove(Permission.objects.get(codename="view_event"))
    monkeypatch.setattr(roles, "ROLES", {OPERATORS: (*ROLES[OPERATORS], "auth.view_group")})
    set_up_roles()
    assert "auth.view_group" in permissions_of(OPERATORS)
    assert "core.view_event" not in permissions_of(OPERATORS)


def test_an_existing_group_keeps_its_permissions() -> None:
    RoleGrant.objects.all().delete()
    Group.objects.filter(name=OPERATORS).delete()
    Group.objects.create(name=OPERATORS).permissions.add(Permission.objects.get(codename="add_user"))
    set_up_roles()
    assert {"core.add_user", "core.view_user"} <= permissions_of(OPERATORS)


def test_migrate_sets_up_the_roles() -> None:
    """Django tells apps without models nothing: then nobody would."""
    Group.objects.all().delete()
    RoleGrant.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Group.objects.filter(name=OPERATORS).exists()
