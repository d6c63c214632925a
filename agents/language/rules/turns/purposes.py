"""What the first of a ranking spends its money on, "what does it spend the money on?": by what the log knows next of
it."""

import re

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.turns.referred import ask_reference
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Query

IT = r"(?:it|that|this|he|she|they|that one)"
MONEY = r"(?:(?: (?:the|its|all|all the|all that|that|so much|so much of the|our|it))?(?: money)?)"
PURPOSE = re.compile(
    rf"(?:and |so )?(?:on )?what (?:exactly |else )?(?:does|did|do|is|was) {IT} (?:exactly )?"
    rf"(?:spend|spends|spent|spending|pay|paying|use|using){MONEY}(?: (?:on|for))?(?: exactly)?"
    rf"|(?:and )?where (?:exactly )?(?:does|did) {IT} (?:spend|put){MONEY}"
    r"|(?:und )?(?:wofur|worauf|woran)(?: genau)? (?:gibt|gab|braucht|verbraucht|zahlt) (?:sie|es|er|das)\b.*"
    r"|(?:et )?(?:a|pour|dans|en|sur) quoi (?:exactement )?(?:depense|paie|sert) (?:t )?(?:elle|il)\b.*"
    r"|(?:et )?(?:a|pour|dans|en|sur) quoi (?:exactement )?(?:elle|il) depense\b.*"
    r"|(?:y )?(?:en|para|por) que (?:exactamente )?(?:lo )?(?:gasta|paga|usa)\b.*"
)
SAYS_ON = re.compile(r"\b(?:on|for)\b|^(?:and )?where|^(?:und )?wo|\bquoi\b|\bque\b")
THINGS = ("feature", "model", "user", "customer", "team")
PEOPLE = frozenset(("user", "customer", "team", "api_key"))
SHOWN = 2


def read_purpose_of_it(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    said = " ".join(token.text for token in scan.tokens if token.is_word)
    before = last.reading
    is_asked = PURPOSE.fullmatch(said) is not None and SAYS_ON.search(said) is not None
    if not is_asked or before.kind is not QuestionKind.MEASURE or last.subject is None or scan.names or scan.times:
        return None
    dimension, value = last.subject
    if get_dimension(dimension).is_time:
        return None
    if before.query.by and not before.singular:
        return ask_reference(scan, dimension)
    return _take_apart(scan, before.query, Filter(field=dimension, values=(value,)))


def _take_apart(scan: Scan, old: Query, only: Filter) -> Reading | None:
    """Return what something cost by the first dimensions of the log that the question before did not name."""
    where = (*(each for each in old.where if each.field != only.field), only)
    used = {each.field for each in where} | (PEOPLE if only.field in PEOPLE else set())
    known = [name for name in THINGS if name in scan.vocabulary.dimensions and name not in used][:SHOWN]
    queries = [Query(by=(name,), where=where, period=old.period, zone=old.zone) for name in known]
    readings = [Reading(kind=QuestionKind.MEASURE, query=query) for query in queries]
    if not readings:
        return None
    return Reading(kind=QuestionKind.MEASURE, query=queries[0], rest=tuple(readings[1:]))
