"""Health of the event streams: their number, recent events and open isolation incidents."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from core.db import as_all_users
from core.i18n.text import text
from core.incidents import count_open_incidents
from core.models import Event, UserStream
from operators.base import OperatorTool, OperatorToolContext
from tools.base import DataKind, NoInput, SideEffects

RECENT_PERIOD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamHealth:
    """`longest` is the highest sequence number of any stream; `last` is the time of the newest event."""

    streams: int
    longest: int
    events_in_five_minutes: int
    last: datetime | None
    incidents_open: int


@as_all_users()
def run(arguments: NoInput, tool_context: OperatorToolContext) -> StreamHealth:
    since = datetime.now(UTC) - RECENT_PERIOD
    newest = Event.objects.order_by("-id").values_list("at", flat=True).first()
    return StreamHealth(
        streams=UserStream.objects.count(),
        longest=UserStream.objects.aggregate(most=Max("head"))["most"] or 0,
        events_in_five_minutes=Event.objects.filter(at__gte=since).count(),
        last=newest,
        incidents_open=count_open_incidents(),
    )


TOOL: OperatorTool[NoInput] = OperatorTool(
    name="stream_health",
    title=text("Stream status"),
    description="Reports the number of event streams, of recent events and of open isolation incidents.",
    input=NoInput,
    run=run,
    permission="operating.stream_health",
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES}),
)
