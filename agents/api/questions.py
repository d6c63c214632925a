"""A question as a client sends it, over REST or the websocket: both read it by the same function."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from agents.api.serializers import StartSerializer
from agents.run_conditions import MAX_MESSAGE
from core.json_data import to_storable
from workloads.api.assumptions import to_change
from workloads.pricing.assumptions import MAX_ZONE_LENGTH, NO_CHANGE, UTC_ZONE, AssumptionsChange

PLAIN_FIELDS = frozenset({"text", "thread_id", "workload_id", "client_id", "time_zone"})
ID_LENGTH = 36


class SentQuestion(NamedTuple):
    """The fields of StartSerializer, with their defaults."""

    text: str
    thread_id: UUID | None = None
    workload_id: UUID | None = None
    client_id: UUID | None = None
    assumptions: AssumptionsChange = NO_CHANGE
    time_zone: str = UTC_ZONE


def read_question(data: Any) -> SentQuestion:
    """Return the question that a client's data describe (see StartSerializer).

    Raises DRF's ValidationError for invalid fields.
    """
    return read_plain(data) or validate_question(data)


def read_plain(data: Any) -> SentQuestion | None:
    """Return a question as pages send it, in a tenth of the serializer's time; None for whatever else, which the
    serializer accepts or explains."""
    if not isinstance(data, Mapping) or not data.keys() <= PLAIN_FIELDS:
        return None
    text, zone = data.get("text"), data.get("time_zone")
    if type(text) is not str or not 0 < len(text) <= MAX_MESSAGE or to_storable(text) != text:
        return None
    if zone is not None and not _is_plain_zone(zone):
        return None
    try:
        return SentQuestion(
            text=text,
            thread_id=_read_id(data.get("thread_id")),
            workload_id=_read_id(data.get("workload_id")),
            client_id=_read_id(data.get("client_id")),
            time_zone=zone or UTC_ZONE,
        )
    except ValueError:
        return None


def _read_id(value: Any) -> UUID | None:
    if value is None:
        return None
    if type(value) is not str or len(value) != ID_LENGTH:
        raise ValueError(value)
    return UUID(value)


def _is_plain_zone(zone: Any) -> bool:
    return (
        type(zone) is str
        and 0 < len(zone) <= MAX_ZONE_LENGTH
        and zone.isascii()
        and zone.isprintable()
        and zone.strip() == zone
    )


def validate_question(data: Any) -> SentQuestion:
    """Return the question by the serializer. Raises its ValidationError."""
    serializer = StartSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    fields = serializer.validated_data
    given = {name: value for name, value in (fields.get("assumptions") or {}).items() if value is not None}
    return SentQuestion(
        text=fields["text"],
        thread_id=fields.get("thread_id"),
        workload_id=fields.get("workload_id"),
        client_id=fields.get("client_id"),
        assumptions=to_change(given),
        time_zone=fields.get("time_zone") or UTC_ZONE,
    )
