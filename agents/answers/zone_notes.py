"""Say in which time zone the days and hours of an answer are, unless it is UTC."""

from collections.abc import Iterator

from agents.language.reading import QuestionKind, Reading
from core.i18n.text import Text, text
from workloads.pricing.assumptions import UTC_ZONE
from workloads.query.dimensions import DIMENSIONS, get_dimension
from workloads.query.query import Period, Query

DATED = frozenset({QuestionKind.ANOMALIES, QuestionKind.FORECAST, QuestionKind.PERIOD})
"""Questions about days, whatever their query."""


def list_zone_notes(reading: Reading) -> tuple[Text, ...]:
    """Return a note on the time zone, if the answer depends on where its days begin."""
    zone = reading.query.zone
    if zone in ("", UTC_ZONE) or not (reading.kind in DATED or any(map(_has_days, _iter_queries(reading)))):
        return ()
    return (text("Days and hours are in the time zone {zone}.", zone=zone),)


def _iter_queries(reading: Reading) -> Iterator[Query]:
    yield reading.query
    yield from (part.query for part in reading.parts)
    for each in reading.rest:
        yield from _iter_queries(each)


def _has_days(query: Query) -> bool:
    names = (*query.by, *(each.field for each in query.where))
    return query.period != Period() or any(name in DIMENSIONS and get_dimension(name).is_time for name in names)
