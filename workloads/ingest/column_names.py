"""The names of a file's columns, prepared for comparison with those that a format knows, and what units they state."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.i18n.text import Text, plural_text, text
from workloads.ingest.summed_rows import drop_sum_words

Examples = Mapping[str, Sequence[str]]
"""A few values of each column."""

PATH_SYNTAX: Final = frozenset('."\\*')
"""Characters with a meaning in a path into a JSON value, quoted or not."""

ANYWHERE: Final = "*."
"""The beginning of a name that may stand at any depth: `*.usage.prompt_tokens`."""

AMBIGUOUS_NAMES: Final = frozenset(
    {"id", "type", "name", "kind", "input", "output", "total", "status", "user", "cost", "error"}
)
"""Names that mean something only at the top of a row: `user.id` is no id of the request."""

_CUMULATIVE: Final = ("total", "accumulated", "cumulative")
_THOUSANDS: Final = ("k", "thousand", "thousands", "tsd", "tsd.", "tausend", "milliers", "miles")
_MILLIONS: Final = ("m", "mn", "mio", "mio.", "million", "millions", "millionen", "millones")
_WORDS: Final = "|".join(map(re.escape, (*_THOUSANDS, *_MILLIONS)))
_UNIT: Final = re.compile(
    rf"\A(.{{1,60}}?)[\s_]{{0,3}}(?:[(\[]\s?(?:in )?({_WORDS})(?: tok\w{{0,6}})?\s?[)\]]|\bin ({_WORDS}))",
    re.IGNORECASE,
)
_TOKEN_UNIT: Final = re.compile(r"\A(.{0,60}[\W_]|)([km])(tok(?:en)?s?)", re.IGNORECASE)
_TITLE_UNIT: Final = re.compile(
    rf"\b(?:tok|jeton)\w{{0,6}}[^\w,;\t]{{1,4}}(?:in |en )?({_WORDS})(?!\w)"
    rf"|\b(?:in|en) ({_WORDS}) (?:of |de )?(?:tok|jeton)",
    re.IGNORECASE,
)
_COUNTED: Final = re.compile(r"tok|prompt|completion|input|output|request|calls|jeton|eingabe|ausgabe", re.IGNORECASE)

_OTHER_SIGNS: Final = ("€", "£", "¥", "₹", "eur", "gbp", "jpy", "chf", "cny", "inr")
_DOLLARS: Final = frozenset({"", "usd", "$", "us$", "us dollar", "us dollars", "dollar", "dollars"})
_TOKENS: Final = re.compile(r"tok|prompt|completion|input|output|jeton|eingabe|ausgabe", re.IGNORECASE)
_MAX_UNIT_NAME: Final = 100
_MAX_TITLE: Final = 1_000
_MAX_ACCENTED: Final = 500
_MAX_PARTS: Final = 6
"""Keys at the end of a path that a name may have."""

_ACTUAL_WORDS: Final = frozenset(
    {"actual", "actuals", "ist", "real", "reel", "réel", "reels", "réels", "effektiv", "effectif", "effettivo"}
)
_PLANNED_WORDS: Final = frozenset(
    {
        *("budget", "budgeted", "plan", "planned", "forecast", "forecasted", "target", "soll", "ziel", "prognose"),
        *("prevu", "prévu", "prevus", "prévus", "prevision", "prévision", "presupuesto", "previsto", "prevista"),
        *("orcamento", "orçamento", "quota", "allowance"),
    }
)
_BUDGETED: Final = re.compile(
    r"tok|prompt|completion|input|output|request|call|jeton|eingabe|ausgabe|entr|sortie|anfrage|cost|kost|co[uû]t|spend"
    r"|usd|eur|amount|betrag",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnNames:
    """A file's columns; built once, because a file may have very many.

    `by_name` maps normalized names to the first column of that name, `by_joined_name` the same without dots, and
    `by_ending` the ends of paths into JSON objects; `by_any_ending` includes those of running totals.
    """

    columns: frozenset[str]
    by_name: Mapping[str, str]
    by_joined_name: Mapping[str, str]
    by_ending: Mapping[str, str]
    by_any_ending: Mapping[str, str]

    @classmethod
    def from_columns(cls, columns: Sequence[str]) -> "ColumnNames":
        bare = [(name, column) for column in columns if (name := split_unit(column)[0]) != column]
        bare += [(name, column) for column, name in name_actual(columns).items()]
        bare += [(name, column) for column in columns if (name := drop_sum_words(column)) != column]
        pairs = [(normalize_name(name), column) for name, column in (*zip(columns, columns, strict=True), *bare)]
        endings = [(ending, column) for name, column in pairs for ending in _iter_endings(name)]
        plain = [(ending, column) for ending, column in endings if not _is_cumulative(normalize_name(column))]
        return cls(
            columns=frozenset(columns),
            by_name=_index_first(pairs),
            by_joined_name=_index_first((name.replace(".", ""), column) for name, column in pairs),
            by_ending=_index_first(plain),
            by_any_ending=_index_first(endings),
        )

    def find_all(self, candidates: Sequence[str], *, inside: bool) -> tuple[str, ...]:
        """Return the columns that the candidates name, best first.

        With `inside` each candidate may be the end of a path that was seen in the file, else only one that begins with
        `*.`; there, paths into JSON objects also count if they weren't seen yet, because only few rows may have a key.
        """
        exact = (self._find_exact(name, joined=not inside) for name in candidates)
        ends = (self._find_ending(name) for name in candidates if inside or name.startswith(ANYWHERE))
        paths = (None if inside else self._find_path(name) for name in candidates)
        return tuple(dict.fromkeys(column for column in (*exact, *ends, *paths) if column is not None))

    def has(self, name: str) -> bool:
        """Whether a column of that name was seen in the file."""
        return self._find_exact(name, joined=True) is not None or (
            name.startswith(ANYWHERE) and self._find_ending(name) is not None
        )

    def find(self, candidates: Sequence[str], *, inside: bool) -> str | None:
        """Return the best of the columns that the candidates name."""
        return next(iter(self.find_all(candidates, inside=inside)), None)

    def _find_exact(self, candidate: str, *, joined: bool) -> str | None:
        name = normalize_name(candidate.removeprefix(ANYWHERE))
        found = self.by_name.get(name)
        return self.by_joined_name.get(name.replace(".", "")) if found is None and joined else found

    def _find_ending(self, candidate: str) -> str | None:
        name = normalize_name(candidate.removeprefix(ANYWHERE))
        if name in AMBIGUOUS_NAMES:
            return None
        return (self.by_any_ending if _is_cumulative(name) else self.by_ending).get(name)

    def _find_path(self, candidate: str) -> str | None:
        top, _, rest = candidate.removeprefix(ANYWHERE).partition(".")
        path = f"{self.by_name.get(normalize_name(top), top)}.{rest}"
        return path if is_path_into(path, self.columns) else None


def is_path_into(name: str, columns: Collection[str]) -> bool:
    """Whether `name` is a path into one of these columns, with keys that a path can have."""
    top, dot, rest = name.partition(".")
    return bool(dot) and top in columns and all(map(is_path_key, rest.split(".")))


def is_path_key(key: str) -> bool:
    """Whether a key of a JSON object can be used in a path literally."""
    return bool(key) and not PATH_SYNTAX & set(key)


def normalize_name(name: str) -> str:
    """Return a column's name without case, accents, blanks and punctuation; dots between JSON levels stay."""
    is_plain = name.isascii() or len(name) > _MAX_ACCENTED  # to order many accents of a letter takes quadratic time
    plain = name if is_plain else unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in plain.lower() if letter.isalnum() or letter == ".")


def split_unit(column: str) -> tuple[str, int]:
    """Return the name of a column of counts without its unit, and the unit: 1,000 for "Input tokens (k)", 1 if none."""
    name = column.strip()
    if len(name) > _MAX_UNIT_NAME or _COUNTED.search(name) is None:
        return column, 1
    if (found := _UNIT.fullmatch(name)) is not None:
        of_tokens = " tokens" if "tok" in name[found.end(1) :].lower() and "tok" not in found[1].lower() else ""
        return found[1] + of_tokens, 1_000 if (found[2] or found[3]).lower() in _THOUSANDS else 1_000_000
    if (short := _TOKEN_UNIT.fullmatch(name)) is not None:
        return short[1] + short[3], 1_000 if short[2].lower() == "k" else 1_000_000
    return column, 1


def add_unit(column: str, title: str) -> str:
    """Return the name of a column of counts with the unit that a line above the table states for its tokens: "Input
    tokens (thousands)" below "Usage (tokens in thousands)"."""
    found = _TITLE_UNIT.search(title[:_MAX_TITLE])
    if found is None or split_unit(column)[1] != 1 or _TOKENS.search(column[:_MAX_UNIT_NAME]) is None:
        return column
    unit = "thousands" if (found[1] or found[2]).lower() in _THOUSANDS else "millions"
    return f"{column} ({unit})"


def is_batch_endpoint(cell: str) -> bool:
    """Whether a cell names a provider's endpoint for batches, such as "/v1/batches"."""
    return cell.strip().lower().rstrip("/").endswith(("/batches", ":batchgeneratecontent"))


def is_in_dollars(column: str, columns: Sequence[str], examples: Examples) -> bool:
    """Return whether the costs in `column` are in US dollars, as far as the first cells say otherwise: their own signs,
    or a column of currencies beside them."""
    cells = [cell.lower() for cell in examples.get(column, ())]
    if any(cell.startswith(_OTHER_SIGNS) or cell.endswith(_OTHER_SIGNS) for cell in cells):
        return False
    said = [examples.get(each, ()) for each in columns if normalize_name(each[:200]).endswith("currency")]
    return all(cell.strip().lower() in _DOLLARS for currencies in said for cell in currencies)


def _index_first(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    index: dict[str, str] = {}
    for name, column in pairs:
        index.setdefault(name, column)
    return MappingProxyType(index)


def _iter_endings(path: str) -> Iterator[str]:
    """Yield the last keys of a path, the longest end first."""
    keys = path.rsplit(".", _MAX_PARTS)[1:]
    for place in range(len(keys)):
        yield ".".join(keys[place:])


def _is_cumulative(path: str) -> bool:
    """Whether a path leads into a running total."""
    return any(part.startswith(_CUMULATIVE) for part in path.split(".")[:-1])


def format_names(names: Sequence[str], most: int = 40) -> str:
    """Return the names in quotes, at most `most` of them, each cut to 60 characters."""
    shown = ", ".join(f'"{name[:60]}"' for name in names[:most])
    if len(names) <= most:
        return shown
    return plural_text("{names} and {n} more", names=shown, n=len(names) - most)


def _list_planned(columns: Iterable[str]) -> tuple[str, ...]:
    """Return the columns with a budget or forecast of tokens, requests or costs, by words of their names."""
    counted = [column for column in columns if _BUDGETED.search(column[:_MAX_UNIT_NAME])]
    return tuple(column for column in counted if not _PLANNED_WORDS.isdisjoint(_list_words(column)))


def name_actual(columns: Sequence[str]) -> Mapping[str, str]:
    """Return names without the word "actual" for the columns that have it beside one with a budget."""
    if not _list_planned(columns):
        return MappingProxyType({})
    actual = [column for column in columns if not _ACTUAL_WORDS.isdisjoint(_list_words(column))]
    names = (_LETTERS.sub(lambda word: "" if word[0].lower() in _ACTUAL_WORDS else word[0], c[:100]) for c in actual)
    return MappingProxyType({column: name.strip(" ()[]-_:") for column, name in zip(actual, names, strict=True)})


def describe_planned(columns: Iterable[str], read: Iterable[str]) -> tuple[Text, ...]:
    """Return a note on the columns with a budget, none of which is among those that were `read`."""
    used = set(read)
    planned = [column for column in _list_planned(columns) if column not in used]
    if not planned:
        return ()
    names = ", ".join(f'"{column[:60]}"' for column in planned[:10])
    return (text("Columns with a budget or forecast were not read: {names}.", names=names),)


def _list_words(column: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _LETTERS.findall(column[:_MAX_UNIT_NAME]))
