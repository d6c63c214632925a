"""A row of each model that has a page, most of them the owner's."""

from typing import Any
from uuid import uuid4

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, Q, QuerySet

from core.models import IsolationIncident, User
from legacy.models import LegacyUse
from tests.matrix.actors import NOW
from tests.support.filled_rows import fill
from tests.tools.audit.attempts import record
from tools.models import ToolCall
from tools.policy.models import Plan

CANARY = "kanarienvogel"


def rows(owner: User, other: User) -> dict[str, Model]:
    """By "app/model"."""
    made = fill(owner, CANARY)
    stream: Any = made[apps.get_model("core", "UserStream")]
    record(other.id)  # the owner has a made-up subject already
    more: list[Model] = [
        IsolationIncident.objects.create(at=NOW, kind="test", where="here"),
        Group.objects.create(name="a team"),
        LegacyUse.objects.create(day=NOW, agent="data", what="context", file="a.py", line=1, count=1),
        Plan.objects.create(slug="another", name="Another", rank=99),
        ToolCall.objects.create(
            owner=owner,
            epoch=stream.epoch,
            run_id=uuid4(),
            payload={"tool": CANARY},
            at=NOW,
            seq=2,
            type="tool_completed",
        ),
    ]
    found = {name_of(type(row)): row for row in (*made.values(), *more)}
    for model in admin.site._registry:
        if name_of(model) not in found:
            row = model._base_manager.last()
            assert row is not None, f"nobody has said how to make a row of {name_of(model)}"
            found[name_of(model)] = row
    return found


def name_of(model: Any) -> str:
    return f"{model._meta.app_label}/{model._meta.model_name}"


def powers(model: str) -> QuerySet[Permission]:
    """All permissions that Django has for a model itself."""
    app, name = model.split("/")
    return Permission.objects.filter(
        Q(codename__endswith=f"_{name}"), content_type__app_label=app, codename__regex="^(add|change|delete|view)_"
    )
