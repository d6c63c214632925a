"""Questions about what comes first in a ranking: "how many requests of the top user failed?", "hourly spend on the most
expensive day", "everything except the top 3 models".

Who comes first is only known when it was measured. So a name of the log is put in the place of the words, the question
is read with it, and the ranking is asked first; agents.answers.causes then puts the first names in its place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from agents.language.conversation import read_follow_up
from agents.language.findings import find_rank
from agents.language.phrases.ranked_groups import RANKED_TIMES, RankedGroup, find_ranked_group
from agents.language.reading import Member, QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.scanner import scan_question
from agents.language.times.calendar import MONTHS, LogDays, get_period, list_days
from core.i18n.text import text
from workloads.query.dimensions import DIMENSIONS, get_dimension
from workloads.query.query import ROW_NUMBERS, Filter, Operator, Order, Period, Query, Value

MEMBER = "member"
"""The topic of the ranking that says whom the next reading is about."""

ABOUT = frozenset(
    {
        QuestionKind.MEASURE,
        QuestionKind.REQUESTS,
        QuestionKind.COMPARE,
        QuestionKind.WHAT_IF,
        QuestionKind.FORECAST,
    }
)
OUTCOMES = frozenset({"status", "error", "streaming", "pricing", *ROW_NUMBERS})
"""Filters that say which requests are counted, not among whom the first one is looked for."""

EXCLUDING = frozenset({"outside", "ausserhalb"})
THAT = frozenset({"that", "this", "those", "das", "cela", "ca", "eso", "esto"})
FAILURES = frozenset({"failures", "error_rate"})
MIN_LETTERS = 3
SHOWN = 5
"""Groups of the ranking that are listed beside the answer."""

UNKNOWN = "?"
"""Stands for the first groups where no question is read with a name."""


def read_in_steps(scan: Scan, extent: LogDays, turns: Sequence[Turn]) -> Reading:
    """Return what a question asks for, which may belong to earlier ones, and may need a ranking first."""
    return _read_others(scan, extent, turns) or _read_member(scan, extent, turns) or read_follow_up(scan, extent, turns)


def _read_others(scan: Scan, extent: LogDays, turns: Sequence[Turn]) -> Reading | None:
    """And what do the others cost? All but the names of the question before, or but the first groups of its ranking."""
    if not scan.has("others") or scan.names or scan.has("except", "top", "most", "least", "why"):
        return None
    last = turns[-1].reading if turns else None
    new = read_follow_up(scan, extent, ())
    if last is None or last.kind is not QuestionKind.MEASURE or last.rest or last.query.statistics:
        return _ask_which_others(new)
    measures = new.query.measures if scan.list_names("measures") else last.query.measures
    query = replace(
        last.query, measures=measures, by=(), having=(), order=None, limit=None, limit_share=None, shares=False
    )
    named = [each for each in query.where if each.operator is Operator.IS and each.field not in OUTCOMES]
    if last.query.by and not get_dimension(last.query.by[0]).is_time and not named:
        dimension = last.query.by[0]
        without = Filter(field=dimension, operator=Operator.IS_NOT, values=(UNKNOWN,))
        asked = Reading(kind=QuestionKind.MEASURE, query=replace(query, where=(*query.where, without)))
        order = last.query.order or Order(by=last.query.measures[0])
        member = Member(dimension=dimension, name=UNKNOWN, count=last.query.limit or 1)
        return build_member(asked, member, order.by, descending=order.descending)
    if len(named) != 1:
        return _ask_which_others(new)
    where = tuple(replace(each, operator=Operator.IS_NOT) if each is named[0] else each for each in query.where)
    return Reading(kind=QuestionKind.MEASURE, query=replace(query, where=where))


def ask_of_that(reading: Reading, scan: Scan, before: Reading) -> Reading | None:
    """Return what the last clause of "which feature fails most often, and how much does that cost?" asks for."""
    new, old = reading.query, before.query
    is_bare = not (new.by or new.where or new.having or reading.rest) and new.period == Period()
    is_figure = reading.kind is before.kind is QuestionKind.MEASURE and not (old.statistics or scan.has("share"))
    if not (is_bare and is_figure) or THAT.isdisjoint(token.text for token in scan.tokens):
        return None
    measures = new.measures
    if FAILURES.intersection(old.measures[:1]):
        measures = tuple("failed_spend" if name == "spend" else name for name in measures)
    alone = Query(measures=measures, where=old.where, period=old.period, zone=old.zone)
    if before.singular and len(old.by) == 1 and not get_dimension(old.by[0]).is_time and not before.rest:
        first = Filter(field=old.by[0], values=(UNKNOWN,))
        query = replace(alone, where=(*old.where, first))
        return Reading(kind=QuestionKind.MEASURE, query=query, member=Member(dimension=old.by[0], name=UNKNOWN))
    return Reading(kind=QuestionKind.MEASURE, query=replace(alone, by=old.by))


def _ask_which_others(reading: Reading) -> Reading | None:
    """Ask whom the others are beside, where nothing says it."""
    if reading.kind is not QuestionKind.MEASURE:
        return None
    message = text("All others than which? Name a model, a feature, a team or a user, or ask for the top 3 first.")
    return Reading(kind=QuestionKind.CLARIFY, message=message, is_fragment=True)


def _read_member(scan: Scan, extent: LogDays, turns: Sequence[Turn]) -> Reading | None:
    """Return the ranking with the question about its first group; None if the question is no such one."""
    is_excluded = scan.has("except") or not EXCLUDING.isdisjoint(token.text for token in scan.tokens)
    group = find_ranked_group(scan, excluded=is_excluded)
    named = None if group is None else _choose_name(scan, extent, group.dimension)
    is_beside_mean = scan.has("compare", "than", "both") and scan.list_names("statistics") == ["mean"]
    if group is None or named is None or scan.has("why", "both_logs") or is_beside_mean:
        return None
    name, words = named
    start, end = scan.tokens[group.start].start, scan.tokens[group.end - 1].end
    question = f"{scan.question[:start]}{words}{scan.question[end:]}"
    asked = read_follow_up(scan_question(question, scan.lexicon, scan.vocabulary, extent), extent, turns)
    member = Member(dimension=group.dimension, name=name, count=group.count)
    if asked.kind not in ABOUT or asked.message is not None or not _is_about(asked, member):
        return None
    if _asks_only_rank(asked, group):
        return None
    return build_member(asked, member, group.measure, descending=group.descending, rank=find_rank(scan))


def build_member(
    asked: Reading, member: Member, measure: str, *, descending: bool = True, rank: int | None = None
) -> Reading:
    """Return the ranking by a measure, and what is asked about its first groups after it."""
    query = asked.parts[0].query if asked.parts else asked.query
    periods = {part.query.period for part in asked.parts}
    is_in_period = member.dimension not in RANKED_TIMES and len(periods) < 2
    where = [each for each in query.where if _says_among_whom(each) and each.field != member.dimension]
    ranking = Query(
        measures=(measure,),
        by=(member.dimension,),
        where=tuple(each for each in where if each.operator is Operator.IS),
        period=query.period if is_in_period else Period(),
        zone=query.zone,
        order=Order(by=measure, descending=descending),
        limit=max(member.count, rank or 1, SHOWN),
    )
    return Reading(
        kind=QuestionKind.MEASURE,
        query=ranking,
        singular=member.count == 1,
        rank=rank,
        topic=MEMBER,
        rest=(replace(asked, member=member),),
    )


def _says_among_whom(each: Filter) -> bool:
    is_time = each.field in DIMENSIONS and get_dimension(each.field).is_time
    return each.field not in OUTCOMES and not is_time


def get_main(reading: Reading) -> Reading:
    """Return what is asked of the first group of a ranking, else the reading itself."""
    return reading.rest[0] if reading.topic == MEMBER and reading.rest else reading


def _choose_name(scan: Scan, extent: LogDays, dimension: str) -> tuple[str, str] | None:
    """Return what stands for the first group, as a value of the log and in words of a question: a name that nothing
    else is called, or a time."""
    if dimension in RANKED_TIMES:
        return _choose_time(extent, dimension)
    for tokens, names in scan.vocabulary.by_tokens.items():
        letters = "".join(tokens)
        is_own = len(names) == 1 and names[0].dimension == dimension and names[0].value not in scan.question
        is_plain = len(letters) >= MIN_LETTERS and not letters.isdecimal() and not scan.lexicon.get(*tokens)
        if is_own and is_plain and scan.lexicon.stop.isdisjoint(tokens):
            return names[0].value, names[0].value
    names_of = (name for names in scan.vocabulary.by_tokens.values() for name in names)
    value = next((name.value for name in names_of if name.dimension == dimension), None)
    return None if value is None else (value, f'{get_dimension(dimension).name.replace("_", " ")} "{value}"')


def _choose_time(extent: LogDays, grain: str) -> tuple[str, str] | None:
    if not extent.is_dated:
        return None
    day = extent.first
    if grain == "week":
        monday = (day - timedelta(days=day.weekday())).isoformat()
        return monday, f"the week of {monday}"
    if grain == "month":
        return day.replace(day=1).isoformat(), f"{MONTHS[day.month - 1]} {day.year}"
    return day.isoformat(), day.isoformat()


def _is_about(asked: Reading, member: Member) -> bool:
    """Whether a query of a reading has the name that stands for the first group."""
    queries = [part.query for part in asked.parts] if asked.parts else [asked.query]
    return any(fill_query(query, member, ()) != query for query in queries)


def _asks_only_rank(asked: Reading, group: RankedGroup) -> bool:
    """Whether the ranking itself answers: "what did we spend on the most expensive feature?"."""
    query = asked.query
    is_plain = asked.kind is QuestionKind.MEASURE and not (query.by or query.statistics or asked.rest or asked.check)
    is_same = group.measure in query.measures and set(query.measures) <= {group.measure, "requests"}
    is_part = any(each.field in OUTCOMES or each.operator is Operator.IS_NOT for each in query.where)
    return is_plain and is_same and not is_part


def fill_member(asked: Reading, member: Member, values: Sequence[str]) -> Reading:
    """Return the reading about these groups instead of the name that stood for them."""
    return replace(
        asked,
        query=fill_query(asked.query, member, values),
        parts=tuple(replace(part, query=fill_query(part.query, member, values)) for part in asked.parts),
        rest=tuple(fill_member(each, member, values) for each in asked.rest),
        member=None,
    )


def fill_query(query: Query, member: Member, values: Sequence[str]) -> Query:
    if member.dimension in RANKED_TIMES:
        return _fill_time(query, member, values)
    where = tuple(
        replace(each, values=_fill_values(each, member.name, values)) if each.field == member.dimension else each
        for each in query.where
    )
    return replace(query, where=where)


def _fill_values(each: Filter, name: str, values: Sequence[str]) -> tuple[Value, ...]:
    return tuple(value for old in each.values for value in (values if old == name else (old,)))


def _fill_time(query: Query, member: Member, values: Sequence[str]) -> Query:
    """Return the query of another day, week or month, or without its days."""
    old = get_period(member.dimension, date.fromisoformat(member.name))
    new = get_period(member.dimension, date.fromisoformat(values[0])) if values else Period()
    days, others = _list_days(old), _list_days(new)
    where = tuple(
        replace(each, values=others) if each.field == "day" and each.values == days else each for each in query.where
    )
    return replace(query, where=where, period=new if query.period == old else query.period)


def _list_days(period: Period) -> tuple[str, ...]:
    return tuple(list_days(period.start.date(), period.end.date())) if period.start and period.end else ()
