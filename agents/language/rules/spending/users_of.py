"""Who uses what: "which features use gpt-4o?", "which users use both gpt-4o and claude?", "which teams don't?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import STARTERS
from agents.language.scope import get_scope, is_negated, to_filter
from agents.language.vocabulary import NameSpan
from workloads.query.dimensions import get_dimension
from workloads.query.query import Operator, Order, Query

USERS_OF, ALL_OF, WITHOUT = "users_of", "all_of", "without"
"""Topics: the groups with requests of any of the names; of each; and of the first part, but not of the others."""

MAX_PARTS = 4
NOT = frozenset(("not", "don", "doesn", "didn", "never", "nicht", "kein", "keine", "keinen", "pas", "jamais", "no"))
OR = frozenset(("or", "oder", "ou", "o"))
OTHERS = ("most", "least", "top", "share", "why", "what_if", "change", "compare", "rise", "fall", "new", "gone")


def read_users_of(found: Findings) -> Reading | None:
    scan = found.scan
    verb = next(scan.iter_spans("asked", "use"), None)
    is_bare = not (found.measures or found.thresholds or found.counted_dimensions or scan.statistic_limits)
    groups = [name for name in found.groups if not get_dimension(name).is_time]
    if verb is None or not is_bare or len(found.groups) != 1 or not groups or scan.has(*OTHERS, "only", "since_when"):
        return None
    names = [name for name in scan.names if name.start >= verb.end]
    is_asked = scan.tokens[0].text in STARTERS or (scan.tokens[0].text == "¿" and scan.tokens[1].text in STARTERS)
    fields = {name.names[0].dimension for name in names}
    is_of_one = len(fields) == 1 and groups[0] not in fields and len(names) == len(scan.names) <= MAX_PARTS
    if not is_asked or not is_of_one or scan.list_names("directions"):
        return None
    return _read_parts(found, groups[0], names, verb_start=verb.start)


def _read_parts(found: Findings, group: str, names: list[NameSpan], *, verb_start: int) -> Reading:
    scan = found.scan
    scope = get_scope(found, names=())
    whole = Query(measures=("spend",), by=(group,), where=scope.where, period=scope.period)
    parts = [_build_part(found, whole, name) for name in names]
    negated = [is_negated(scan, name.start) for name in names]
    if any(token.text in NOT for token in scan.tokens[:verb_start]):
        return Reading(kind=QuestionKind.COMPARE, parts=(Part(label="", query=whole), *parts), topic=WITHOUT)
    if any(negated) and not all(negated):
        first = [part for part, no in zip(parts, negated, strict=True) if not no][:1]
        rest = [part for part, no in zip(parts, negated, strict=True) if no]
        return Reading(kind=QuestionKind.COMPARE, parts=(*first, *rest), topic=WITHOUT)
    is_either = any(token.text in OR for token in scan.tokens) or len(names) == 1
    if not is_either:
        return Reading(kind=QuestionKind.COMPARE, parts=tuple(parts), topic=ALL_OF)
    where = get_scope(found, names=names).where
    query = replace(whole, measures=("spend", "requests"), where=where, order=Order(by="spend"))
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=USERS_OF)


def _build_part(found: Findings, whole: Query, name: NameSpan) -> Part:
    only = replace(to_filter(found.scan, name), operator=Operator.IS)
    return Part(label=found.scan.quote(name.start, name.end), query=replace(whole, where=(*whole.where, only)))
