"""The initial roles: groups and their permissions, which an installation may change afterwards."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from tools.policy.models import RoleGrant

USERS, POWER_USERS, OPERATORS, ADMINISTRATORS = "Users", "Power users", "Operators", "Administrators"

VIEW_PERMISSIONS: tuple[str, ...] = (
    *("core.view_user", "core.view_event", "core.view_isolationincident"),
    "core.view_measures",  # a permission without a table: /metrics
    *("agents.view_thread", "agents.view_run"),
    *("workloads.view_workload", "workloads.view_upload"),
    "tools.view_toolcall",
    *("legacy.view_legacyuse", "legacy.view_rolloutrule", "legacy.view_rolloutversion"),
    *("legacy.view_runpath", "legacy.view_shadowresult"),
    *("knox.view_authtoken", "mfa.view_authenticator"),
    *("policy.view_policy", "policy.view_policyversion"),
    *("policy.view_plan", "policy.view_planallowance", "policy.view_subscription"),
    "audit.view_auditrow",
    *("spending.view_budget", "spending.view_spend", "spending.view_dayspend"),
    "operating.view_consent",
)
OPERATOR_PERMISSIONS: tuple[str, ...] = tuple(
    f"operating.{codename}"
    for codename in (
        *("use_operations", "inspect_runs", "cancel_run", "stream_health", "engine_health", "usage_by_user"),
        *("ask_consent", "read_conversation"),
    )
)
"""Permissions for the operators' tools, except change_grant and prune, which are for administrators."""
CHANGE_PERMISSIONS: tuple[str, ...] = (
    *("legacy.add_rolloutrule", "legacy.change_rolloutrule"),
    *("policy.add_policy", "policy.change_policy"),
    *(f"policy.{action}_{model}" for action in ("add", "change", "delete") for model in ("plan", "planallowance")),
    *(f"policy.{action}_subscription" for action in ("add", "change", "delete")),
    *(f"spending.{action}_budget" for action in ("add", "change", "delete")),
    *("operating.change_grant", "operating.prune"),
)
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        USERS: (),  # rules and budgets refer to it; its users need no permissions
        POWER_USERS: (),
        OPERATORS: (*VIEW_PERMISSIONS, *OPERATOR_PERMISSIONS),
        ADMINISTRATORS: (*VIEW_PERMISSIONS, *OPERATOR_PERMISSIONS, *CHANGE_PERMISSIONS),
    }
)
"""Permissions ("app.codename") by group. They apply in the admin, to users who are staff."""

GROUP_CREATED = ""  # in RoleGrant: the group was created


def set_up_roles(**_: Any) -> None:
    """Create the groups and grant their permissions after each `migrate`, each only once, so that removals last.

    A permission of an app that is not installed is granted when it exists.
    """
    with transaction.atomic():
        granted = set(RoleGrant.objects.values_list("role", "permission"))
        known = {f"{app}.{codename}": pk for app, codename, pk in _list_permissions()}
        for role, names in ROLES.items():
            new = [name for name in names if name in known and (role, name) not in granted]
            _grant_permissions(role, new, [known[name] for name in new], was_created=(role, GROUP_CREATED) in granted)


def _list_permissions() -> Iterable[tuple[str, str, int]]:
    return Permission.objects.values_list("content_type__app_label", "codename", "pk")


def _grant_permissions(role: str, names: list[str], permissions: list[int], *, was_created: bool) -> None:
    group = Group.objects.filter(name=role).first() if was_created else Group.objects.get_or_create(name=role)[0]
    if group is None:
        return  # the installation has deleted it
    if permissions:
        group.permissions.add(*permissions)
    recorded = names if was_created else [GROUP_CREATED, *names]
    RoleGrant.objects.bulk_create([RoleGrant(role=role, permission=name) for name in recorded], ignore_conflicts=True)
