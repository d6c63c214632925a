"""Every operators' tool, called by each about the owner."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import Permission

from agents.models import Run
from core.exceptions import InvalidContext
from core.models import User
from operators.models import Consent, ConsentUse
from operators.registry import OPERATOR_TOOLS
from tests.agents.claimed_runs import queue_run
from tests.matrix.actors import Actors, actors
from tests.matrix.row import CALLERS
from tests.matrix.test_tools import call_tool
from tests.matrix.tools_table import TOOLS_OF_OPERATORS
from tests.operators.operators import FACTORY, dispatcher_of, forbid, permit
from tests.support.filled_rows import dump
from tools.policy.models import Policy

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_tool_has_its_row() -> None:
    assert OPERATOR_TOOLS.keys() == TOOLS_OF_OPERATORS.keys()


def build_arguments(run: Run) -> dict[str, dict[str, Any]]:
    user, why = run.owner.username, "a reason"
    return {
        "inspect_runs": {"user": user},
        "cancel_run": {"run_id": str(run.id)},
        "change_grant": {"user": user, "tool": "price_workload", "effect": "deny", "why": why},
        "usage_by_user": {"user": user},
        "ask_consent": {"user": user, "why": why},
        "read_conversation": {"user": user, "thread_id": str(run.thread_id)},
    }


def prepare_caller(column: str, who: Actors) -> tuple[User, dict[str, dict[str, Any]]]:
    """The caller, with what is taken from them later, and what they ask for. Without a permission is without one only:
    the operator has every other."""
    caller = {"owner": who.owner, "other": who.other, "operator": who.operator}.get(column)
    if caller is None:
        caller = User.objects.create(username="once", is_staff=True)
        permit(caller, *OPERATOR_TOOLS)
    now = datetime.now(UTC)
    until = {"given_at": now, "expires_at": now + timedelta(hours=1)}
    run = queue_run(who.owner, "a secret of mine")
    Consent.objects.create(owner=who.owner, operator=caller, why="a reason", asked_at=now, **until)
    return caller, build_arguments(run)


@pytest.mark.parametrize("column", [each for each in CALLERS if each != "anonymous"])
async def test_each_gets_what_the_table_says(column: str, tmp_path: Path) -> None:
    who = await sync_to_async(actors)()
    caller, arguments = await sync_to_async(prepare_caller)(column, who)
    found = {}
    async with dispatcher_of(caller, tmp_path) as dispatcher:
        if column in ("demoted", "deactivated"):
            # The order of the catalogue; a run that was asked to end is not asked again.
            assert {await call_tool(dispatcher, name, arguments.get(name, {})) for name in OPERATOR_TOOLS} == {"ok"}
            await sync_to_async(clean)()
        for name in OPERATOR_TOOLS:
            await sync_to_async(without)(column, caller, name)
            before = await sync_to_async(everything)()
            found[name] = await call_tool(dispatcher, name, arguments.get(name, {}))
            assert await sync_to_async(everything)() == before
    assert found == {name: getattr(row, column) for name, row in TOOLS_OF_OPERATORS.items()}


def without(column: str, caller: User, tool: str) -> None:
    if column == "deactivated":
        User.objects.filter(pk=caller.pk).update(is_active=False)
    elif column == "demoted":
        forbid(caller, tool)
    elif column == "operator":
        caller.user_permissions.set(Permission.objects.exclude(codename=tool))
        caller.groups.clear()


def clean() -> None:
    Policy.objects.all().delete()
    ConsentUse.objects.all().delete()


def everything() -> list[str]:
    """All rows but the audit's, which has each attempt, and who is in it."""
    return [row for row in dump() if not row.startswith(("audit_", "auth_", "core_user", "sqlite_"))]


def test_nobody_gets_no_dispatcher() -> None:
    assert {row.anonymous for row in TOOLS_OF_OPERATORS.values()} == {"no context"}
    for nobody in (None, uuid4(), "owner"):
        with pytest.raises(InvalidContext):
            FACTORY.for_context(cast(Any, nobody), agent="admin")
