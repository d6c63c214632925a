"""How the streams are: how many, how much was told lately, whether something went wrong at the last door."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from netra.core.incidents import open_incidents
from netra.core.models import Event, UserStream
from netra.language.text import text
from netra.operating.base import OperatorTool, Reach
from tools.base import NoInput, SideEffects
from tools.kinds import Kind

LATELY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """`longest` is the highest number that an event has in any stream; `last` when the last event was told."""

    streams: int
    longest: int
    events_in_five_minutes: int
    last: datetime | None
    incidents_open: int


def run(wanted: NoInput, reach: Reach) -> Streams:
    lately = datetime.now(UTC) - LATELY
    newest = Event.objects.order_by("-id").values_list("at", flat=True).first()
    return Streams(
        streams=UserStream.objects.count(),
        longest=UserStream.objects.aggregate(most=Max("head"))["most"] or 0,
        events_in_five_minutes=Event.objects.filter(at__gte=lately).count(),
        last=newest,
        incidents_open=open_incidents(),
    )


TOOL: OperatorTool[NoInput] = OperatorTool(
    name="stream_health",
    title=text("How the streams are"),
    description="Tells how many streams there are, how many events were told lately, and open isolation incidents.",
    input=NoInput,
    run=run,
    permission="operating.stream_health",
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS}),
)
