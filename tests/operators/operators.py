"""Operators for tests, their dispatchers, and what the audit has of them."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission

from core.models import User
from operators.dispatcher import AdminToolDispatcher, AdminToolDispatcherFactory
from operators.models import Consent
from operators.registry import OPERATOR_TOOLS
from tests.agents.claimed_runs import connection
from tools.audit.models import AuditRow, AuditSubject
from tools.errors import ToolFailed, ToolRefused

FACTORY = AdminToolDispatcherFactory(catalog=OPERATOR_TOOLS, data_dir=Path("nowhere"))


def operator(name: str = "olga", *codenames: str, **fields: Any) -> User:
    """Staff, no superuser, with these permissions of this app."""
    user = User.objects.create(username=name, is_staff=True, **fields)
    permit(user, *codenames)
    return user


def permit(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="operating", codename__in=codenames))


def forbid(user: User, codename: str) -> None:
    user.user_permissions.remove(Permission.objects.get(content_type__app_label="operating", codename=codename))


def dispatcher_of(user: User, data_dir: Path = Path("nowhere"), **options: Any) -> AbstractAsyncContextManager[Any]:
    factory = AdminToolDispatcherFactory(catalog=OPERATOR_TOOLS, data_dir=data_dir)
    return factory.for_context(connection(user), agent="admin", **options)


async def assert_refused(
    dispatcher: AdminToolDispatcher, kind: type[ToolRefused | ToolFailed], tool: str, arguments: Mapping[str, Any]
) -> str:
    before = len(dispatcher.results)
    with pytest.raises(kind) as caught:
        await dispatcher.dispatch(tool, arguments)
    assert len(dispatcher.results) == before
    return str(caught.value)


async def audit_of(user: User) -> list[tuple[str, str, str, str]]:
    """Rows about a user: tool, outcome, rule and the name of the operator who acted."""
    return await sync_to_async(list_audit_rows)(user)


def list_audit_rows(user: User) -> list[tuple[str, str, str, str]]:
    subject = AuditSubject.objects.filter(owner=user).first()
    if subject is None:
        return []
    names = dict(AuditSubject.objects.values_list("subject", "owner__username"))
    rows = AuditRow.objects.filter(subject=subject.subject).order_by("seq")
    return [(row.tool, row.outcome, row.rule, names.get(row.actor, "")) for row in rows]


def consent_of(consent_id: Any) -> Consent:
    found: Consent = Consent.objects.get(pk=consent_id)
    return found
