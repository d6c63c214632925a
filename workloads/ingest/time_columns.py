"""Recognise the column with the time of a request by its cells and its name together, and a zone that a name states."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Final, NamedTuple

from workloads.ingest.column_names import Examples
from workloads.ingest.columns.periods import are_periods

_MAX_NAME: Final = 200
_DAY: Final = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)"
    r"|(?:[^\W\d]{2,9}\.?,? {0,2})?\d{1,2}(?:\. ?|[ -])[^\W\d]{3,10}\.?[ ,-] ?\d{4}"
    r"|(?:[^\W\d]{3,9},? )?[^\W\d]{3,10} {1,2}\d{1,2},? \d{4}|20\d\d-(?:0[1-9]|1[0-2])"
    r"|[^\W\d_]{3,9}\.?[ /-]20\d\d"
    r"|(?:[Jj]an|[Ff]e[bv]|[Mm][aä]r|[Aa][pv]r|[Mm]a[iy]|[Jj]u[nl]|[Aa]ug|[Ss]ep|[Oo][ck]t|[Nn]ov|[Dd]e[cz])[-'][23]\d"
    r"|20\d{6}(?=T))"
)
_C_TIME: Final = r"(?:[A-Za-z]{3} )?[A-Za-z]{3} {1,2}\d{1,2} \d\d:\d\d:\d\d [A-Za-z ]{0,6}\d{4}"
_MIDNIGHT: Final = r"(?:[T ]00:00(?::00)?(?:\.0{1,9})?)?"
_PURE_DAY: Final = re.compile(_DAY + _MIDNIGHT)
_MOMENT: Final = re.compile(rf"{_DAY}(?:[T@,: ]{{1,3}})\d{{1,2}}:?\d\d.{{0,60}}|{_C_TIME}")
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?[AaPp]\.?[Mm]\.?)?")
_HOUR: Final = re.compile(r"[01]?\d|2[0-3]")
_NUMBER: Final = re.compile(r"(\d{1,19})(?:\.\d{1,9})?")
_SINCE_1970: Final = re.compile(r"(\d{10})(?:\.\d{1,9}|\d{3}|\d{6}|\d{9})?")
_DIGITS: Final = re.compile(r"20\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d")
_FIRST_SECOND, _LAST_SECOND, _LONGEST_SPAN = 1_420_070_400, 2_208_988_800, 400 * 86_400  # 2015 to 2040

_WORD: Final = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+")
_NEVER: Final = frozenset(
    {
        *("end", "ended", "ending", "finish", "finished", "complete", "completed", "done", "response", "responded"),
        *("answered", "updated", "modified", "changed", "deleted", "expires", "expiry", "expired", "expiration"),
        *("birth", "birthday", "signup", "registered", "first", "last", "exported", "synced", "archived", "duration"),
        *("release", "released", "contract", "trial", "subscription", "cutoff", "knowledge", "renewal", "joined"),
        *("id", "ids", "session", "conversation", "thread", "user", "key", "hash", "number", "account", "seed"),
        *("ende", "fin", "until", "due", "next", "previous", "scheduled", "closed", "resolved", "invoiced", "paid"),
    }
)
"""Words of columns whose times are not those of requests."""
_BEGINNING: Final = frozenset(
    {
        *("start", "started", "begin", "began", "request", "requested", "sent", "received", "called", "call", "queued"),
        *("invoked", "beginn", "début", "inicio"),
    }
)
_PLAIN: Final = frozenset(
    {
        *("time", "timestamp", "ts", "when", "at", "date", "day", "hour", "datetime", "month", "monat", "mois", "mes"),
        *("period", "event", "logged", "log", "t", "created", "occurred", "recorded", "zeit", "zeitpunkt"),
        *("zeitstempel", "datum", "tag", "heure", "jour", "fecha", "hora", "dia", "día", "quand", "cuándo", "wann"),
        *("utc", "week", "woche", "semaine", "semana", "settimana", "quarter", "quartal", "trimestre", "periode"),
    }
)
_CLOCK_WORDS: Final = frozenset({"time", "clock", "uhrzeit", "zeit", "heure", "hora", "hour", "stunde", "of", "day"})
_TOTAL: Final = re.compile(r"(?:grand |sub-?)?(?:total|totaal|totale|summe|gesamt)\b", re.IGNORECASE)
_HOUR_WORDS: Final = frozenset({"hour", "stunde", "heure", "hora"})
_NO_CLOCK: Final = frozenset(
    {"latency", "elapsed", "taken", "total", "durée", "dauer", "duración", "wait", "processing", "generation", "run"}
)

_OFFSET: Final = re.compile(r"(?:\b|_)(?:utc|gmt)? {0,2}([+-])(\d{1,2})(?::?([0-5]\d))?\s{0,3}[)\]]?", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"[(\[_ ](utc|gmt|z|cet|cest|est|edt|cst|cdt|mst|mdt|pst|pdt|bst|ist|jst|[a-z]{3,12}/[a-z_]{2,30})[)\]]?",
    re.IGNORECASE,
)


class _Kind(Enum):
    """What all filled cells of a column are."""

    MOMENT = "a day and a time of day, or a number since 1970"
    DAY = "a day"
    CLOCK = "a time of day"
    HOUR = "a number from 0 to 23"
    SMALL_NUMBER = "a number that counts from no known moment"


class TimeChoice(NamedTuple):
    """The column with the time of a request, "" if none was found, and the one with its time of day if that is apart.
    `rivals`: columns that hold times, too, of which nothing tells which one it is. `has_periods`: its cells name
    periods, such as quarters."""

    column: str = ""
    clock: str = ""
    rivals: tuple[str, ...] = ()
    has_periods: bool = False


NO_CHOICE: Final = TimeChoice()


def choose_time(examples: Examples, guess: Mapping[str, str]) -> TimeChoice:
    """Return the time column of a file. `guess`: the columns that were found by name.

    A column that has the right name keeps it unless its cells are no times and those of another are."""
    choice = _choose_column(examples, guess)
    return choice._replace(has_periods=are_periods(_drop_totals(examples.get(choice.column, ()))))


def _choose_column(examples: Examples, guess: Mapping[str, str]) -> TimeChoice:
    named = guess.get("time", "")
    taken = {column for field, column in guess.items() if field not in ("time", "feature")}  # "Tag" is German for day
    kinds = {
        column: kind
        for column, cells in examples.items()
        if column not in taken and len(column) <= _MAX_NAME and (kind := _classify(_drop_totals(cells))) is not None
    }
    if named and (kinds.get(named) in (_Kind.MOMENT, _Kind.DAY) or not examples.get(named)):
        return TimeChoice(column=named, clock=_find_clock(named, kinds))
    chosen, rivals = _choose_among(kinds, exclude={named})
    if named and (not chosen or kinds.get(named) not in (_Kind.SMALL_NUMBER, _Kind.HOUR, _Kind.CLOCK)):
        return TimeChoice(column=named)
    return TimeChoice(column=chosen, clock=_find_clock(chosen, kinds), rivals=rivals)


def _drop_totals(cells: Sequence[str]) -> Sequence[str]:
    """Return the cells without those of a line with a total."""
    return [cell for cell in cells if not _TOTAL.match(cell.lstrip())]


def are_days(cells: Sequence[str]) -> bool:
    """Whether all cells are days, months or other periods."""
    return _classify(cells) is _Kind.DAY


def are_moments(cells: Sequence[str]) -> bool:
    """Whether all cells are moments: a day and a time of day, or a number since 1970."""
    return _classify(cells) is _Kind.MOMENT


def read_zone(column: str) -> str:
    """Return the time zone that a column's name states, as it can stand behind a time: "Time (UTC+2)" gives +02:00,
    "ts_utc" gives Z, "Date (Europe/Berlin)" a blank and that name; "" without one."""
    name = column[-_MAX_NAME:].strip()
    tail = name[-40:]
    for place in range(len(tail)):
        if (offset := _OFFSET.fullmatch(tail, place)) is not None and _states_offset(tail, place, offset):
            hours = int(offset[2])
            return f"{offset[1]}{hours:02}:{offset[3] or '00'}" if hours <= 14 else ""
        if (zone := _NAMED.fullmatch(tail, place)) is not None:
            word = zone[1]
            return "Z" if word.lower() in ("utc", "gmt", "z") else f" {word}"
    return ""


def _states_offset(tail: str, place: int, offset: re.Match[str]) -> bool:
    """Whether "+2" is an offset: after UTC or GMT, or in brackets with minutes; never in a name such as "time-2"."""
    written = offset[0].lower()
    return written.startswith(("utc", "gmt", "_utc", "_gmt")) or (offset[3] is not None and tail[:place].endswith("("))


def _classify(cells: Sequence[str]) -> _Kind | None:
    """Return what the cells are, None if they are several things or something else."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return None
    if all(_NUMBER.fullmatch(cell) for cell in filled):
        return _classify_numbers(filled)
    if all(_PURE_DAY.fullmatch(cell) for cell in filled) or are_periods(filled):
        return _Kind.DAY
    if all(_MOMENT.fullmatch(cell) or _PURE_DAY.fullmatch(cell) for cell in filled):
        return _Kind.MOMENT
    return _Kind.CLOCK if all(_CLOCK.fullmatch(cell) for cell in filled) else None


def _classify_numbers(cells: Sequence[str]) -> _Kind | None:
    since = [int(found[1]) for cell in cells if (found := _SINCE_1970.fullmatch(cell)) is not None]
    if all(_DIGITS.fullmatch(cell) for cell in cells):
        return _Kind.MOMENT
    if len(since) == len(cells) and min(since) >= _FIRST_SECOND and max(since) < _LAST_SECOND:
        # Numbers of ten digits may be IDs; those of a log's times are close together.
        return _Kind.MOMENT if max(since) - min(since) <= _LONGEST_SPAN else None
    if all(_HOUR.fullmatch(cell) for cell in cells):
        return _Kind.HOUR
    return _Kind.SMALL_NUMBER


def _choose_among(kinds: Mapping[str, _Kind], *, exclude: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the column whose name fits the start of a request best, or those of which none fits better."""
    ranks = {
        column: rank
        for column, kind in kinds.items()
        if kind in (_Kind.MOMENT, _Kind.DAY) and column not in exclude and (rank := _rank(column, kind)) is not None
    }
    best = [column for column, rank in ranks.items() if rank == min(ranks.values())]
    if len(best) == 1:
        return best[0], ()
    return "", tuple(best)


def _rank(column: str, kind: _Kind) -> tuple[bool, int] | None:
    """Return how far a column's name is from that of a request's time, None if it is another time's. A day alone is
    worse than a moment."""
    words = {word.lower() for word in _WORD.findall(column.rpartition(".")[2])}
    if not words.isdisjoint(_NEVER):
        return None
    place = 0 if not words.isdisjoint(_BEGINNING) else 1 if not words.isdisjoint(_PLAIN) else 2
    return kind is _Kind.DAY, place


def _find_clock(column: str, kinds: Mapping[str, _Kind]) -> str:
    """Return the column with the time of day that belongs to a column with days only."""
    if kinds.get(column) is not _Kind.DAY:
        return ""
    found = [each for each, kind in kinds.items() if _is_clock(each, kind)]
    return found[0] if len(found) == 1 else ""


def _is_clock(column: str, kind: _Kind) -> bool:
    words = {word.lower() for word in _WORD.findall(column)}
    if not words.isdisjoint(_NEVER | _NO_CLOCK):
        return False
    wanted = _CLOCK_WORDS if kind is _Kind.CLOCK else _HOUR_WORDS if kind is _Kind.HOUR else frozenset[str]()
    return not words.isdisjoint(wanted)
