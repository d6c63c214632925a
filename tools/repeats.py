"""Calls that must not be made twice: what earlier attempts at a run have begun, as its stream tells."""

import json
from typing import Any

from core.context import UserExecutionContext
from core.db import as_user
from core.i18n.text import Text, text
from core.models import Event
from core.redaction import redact
from tools.errors import ToolRefused


class NotRepeated(ToolRefused):
    """An earlier attempt at the run has begun the same call, and the tool must not be run twice."""

    code = "not_repeated"


def refuse_repetition(context: UserExecutionContext, tool: str, title: str, arguments: Any) -> None:
    """Raise NotRepeated if an earlier attempt at the run has begun this call, unless it was refused.

    `arguments` are those of its `tool_executing`. Those that were cut to the same preview count as equal.
    """
    if context.attempt <= 1:
        return
    shown = json.loads(redact(json.dumps(arguments, ensure_ascii=False)))
    with as_user(context.user_id):
        events = Event.objects.for_user(context.user_id).filter(run_id=context.run_id)
        begun = events.filter(type="tool_executing", payload__tool=tool, payload__attempt__lt=context.attempt)
        for payload in begun.order_by("seq").values_list("payload", flat=True):
            if payload["arguments"] != shown:
                continue
            same = {f"payload__{name}": payload[name] for name in ("call_id", "request_id", "attempt")}
            ends = events.filter(type="tool_completed", **same).values_list("payload__outcome", flat=True)
            outcome = ends.first()
            if outcome != "refused":
                raise NotRepeated(_describe(title, outcome), rule="not twice")


def _describe(title: str, outcome: str | None) -> Text:
    if outcome == "ok":
        return text(
            "{tool} was already done before the work on this question was interrupted, so it was not done again.",
            tool=title,
        )
    return text(
        "{tool} was started before the work on this question was interrupted. Whether it took effect is unknown, so it "
        "was not started again.",
        tool=title,
    )
