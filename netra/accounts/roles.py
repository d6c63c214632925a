"""The group of those who look after an installation: they see what the admin shows and change nothing."""

from typing import Any

from django.contrib.auth.models import Group, Permission

OPERATORS = "Operators"

VISIBLE: tuple[tuple[str, str], ...] = (
    ("core", "user"),
    ("core", "event"),
    ("core", "isolationincident"),
    ("core", "measures"),  # a permission without a table: /metrics
    ("agents", "thread"),
    ("agents", "run"),
    ("workloads", "workload"),
    ("workloads", "upload"),
    ("tools", "toolcall"),
    ("knox", "authtoken"),
    ("mfa", "authenticator"),
)
"""(app, model) of what operators may see."""


def grant_operators(**_: Any) -> None:
    """After each `migrate`: the group is there and may see what there is. What an installation added to it stays."""
    group, _created = Group.objects.get_or_create(name=OPERATORS)
    for app, model in VISIBLE:
        group.permissions.add(
            *Permission.objects.filter(content_type__app_label=app, codename=f"view_{model}").values_list(
                "pk", flat=True
            )
        )
