"""Another last day of the period before: "and until the 10th?" after "how much have we spent this month?"."""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import DAY, LogDays
from workloads.query.query import Period

JOINING = frozenset(("and", "und", "et", "y", "only", "nur", "what", "how", "about"))
UNTIL = frozenset(("until", "till", "through", "bis", "jusqu", "hasta"))
SMALL = frozenset(("up", "to", "the", "zum", "au", "le", "el"))
MAX_TOKENS = 8
MAX_DAYS = timedelta(days=31)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|e|er)?")


def read_other_end(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    """Return the question before up to a day of its month; None where the period before isn't one of one month."""
    words = [token.text for token in scan.tokens if token.is_word][:MAX_TOKENS]
    content = [word for word in words if word not in JOINING and word not in SMALL]
    number = _DAY.fullmatch(content[-1]) if len(content) == 2 and content[0] in UNTIL else None
    period = last.reading.query.period
    is_figure = last.reading.kind in (QuestionKind.MEASURE, QuestionKind.REQUESTS)
    if number is None or not is_figure or period.start is None or period.end is None:
        return None
    if period.end - period.start > MAX_DAYS:
        return None
    try:
        day = period.start.date().replace(day=int(number[1]))
    except ValueError:
        return None
    if day < period.start.date():
        return None
    other = Period(start=period.start, end=datetime.combine(day + DAY, time()))
    query = replace(last.reading.query, period=other)
    return replace(last.reading, query=query, premise="", whether=False, is_relative=False, rest=(), unread=())
