"""One way to start a run, for REST and the websocket alike."""

from typing import Any

from agents import runs
from agents.api.serializers import StartSerializer
from agents.models import Run
from netra.core.context import ConnectionContext
from workloads.prices import Assumptions


def begin(asker: ConnectionContext, data: Any) -> tuple[Run, bool]:
    """Start what a client asks for, as StartSerializer reads it; and whether that run had been started before.

    Raises DRF's ValidationError for fields that cannot be read, else what runs.start raises.
    """
    asked = StartSerializer(data=data)
    asked.is_valid(raise_exception=True)
    fields = asked.validated_data
    before = runs.known(asker, fields.get("client_id"), fields["text"])
    if before is not None:
        return before, True
    given = {name: value for name, value in (fields.get("assumptions") or {}).items() if value is not None}
    run = runs.start(
        asker,
        text=fields["text"],
        workload_id=fields.get("workload_id"),
        thread_id=fields.get("thread_id"),
        assumptions=Assumptions(**given),
        client_id=fields.get("client_id"),
    )
    return run, False
