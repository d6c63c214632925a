"""The mapping from the fields of a log to the columns of a file."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.ingest.fields import FIELDS, INPUT_FIELDS
from workloads.ingest.formats.base import Format, is_path_key, normalize_name


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """The field-to-column mapping for reading a file. `given_fields`: the fields that the user mapped."""

    format: Format
    columns: Mapping[str, str]
    given_fields: frozenset[str]

    @property
    def is_guessed(self) -> bool:
        """Whether a field was matched by name, neither known from the format nor mapped by the user."""
        return self.format.is_guessed and not set(self.columns) <= self.given_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnNames:
    """A file's columns, prepared for comparison with those of a format; built once, because a file may have very many.

    `by_normalized_name` maps to the first column of that name. `nested` pairs the normalized names of paths into JSON
    objects with their columns.
    """

    columns: frozenset[str]
    by_normalized_name: Mapping[str, str]
    nested: tuple[tuple[str, str], ...]

    @classmethod
    def from_columns(cls, columns: Sequence[str]) -> "ColumnNames":
        pairs = [(normalize_name(column), column) for column in columns]
        nested = tuple((name, column) for name, column in pairs if "." in name)
        by_name = MappingProxyType(dict(reversed(pairs)))  # reversed, so that the first of equal names wins
        return cls(columns=frozenset(columns), by_normalized_name=by_name, nested=nested)

    def find(self, candidates: Sequence[str], *, inside: bool) -> str | None:
        """Return the first candidate among the columns, else one that leads into a JSON object of the file.

        With `inside` the path must have been seen in the file, and the candidate may be only its end.
        """
        wanted = [normalize_name(name) for name in candidates]
        for name in wanted:
            if name in self.by_normalized_name:
                return self.by_normalized_name[name]
        if inside:
            return next(self._iter_nested(wanted), None)
        # A key that only few rows hold may not have been seen yet.
        return next((name for name in candidates if is_path_into(name, self.columns)), None)

    def _iter_nested(self, wanted: Sequence[str]) -> Iterator[str]:
        for name in wanted:
            if name not in AMBIGUOUS_NAMES:
                allowed = (pair for pair in self.nested if _is_cumulative(name) or not _is_cumulative(pair[0]))
                yield from (column for path, column in allowed if path.endswith(f".{name}"))


AMBIGUOUS_NAMES = frozenset(
    {"id", "type", "name", "kind", "input", "output", "total", "status", "user", "cost", "error"}
)
"""Names that mean something only at the top of a row: `user.id` is no id of the request."""

_CUMULATIVE = ("total", "accumulated", "cumulative")


def _is_cumulative(path: str) -> bool:
    """Whether a path leads into a running total."""
    return any(part.startswith(_CUMULATIVE) for part in path.split(".")[:-1])


def is_path_into(name: str, columns: Collection[str]) -> bool:
    """Whether `name` is a path into one of these columns, with keys that a path can have."""
    top, dot, rest = name.partition(".")
    return bool(dot) and top in columns and all(map(is_path_key, rest.split(".")))


def parse_mapping(pairs: Sequence[str]) -> Mapping[str, str]:
    """Parse `["input_tokens=prompt_tok"]` as field to column. An empty column means that the field is not read.

    Raises BadInput for a pair without "=", an unknown field or a field given twice.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = (part.strip() for part in pair.partition("="))
        if not equals:
            raise BadInput(
                text(
                    '"{words}" is not a valid mapping. Use field=column, for example input_tokens=prompt_tok.',
                    words=pair,
                )
            )
        if field in mapping:
            raise BadInput(text('The field "{field}" is mapped twice.', field=field))
        mapping[field] = column
    check_fields(mapping)
    return MappingProxyType(mapping)


def check_fields(mapping: Iterable[str]) -> None:
    """Raise BadInput if `mapping` names an unknown field."""
    unknown = [field for field in mapping if field not in FIELDS]
    if unknown:
        raise BadInput(
            text(
                "Unknown field {unknown}. The fields are: {fields}.",
                unknown=format_names(unknown),
                fields=", ".join(FIELDS),
            )
        )


def resolve_mapping(form: Format, columns: Sequence[str], given: Mapping[str, str]) -> ColumnMapping:
    """Return the mapping for a file with these columns: the format's, overridden by the user's.

    Raises BadInput if a column of the user's mapping does not exist, or if no column has the tokens of prompt or
    response; the message names the file's columns and those that were recognised.
    """
    check_fields(given)
    guess = propose_mapping(form, columns)
    if set(INPUT_FIELDS) & set(given):
        guess = {field: column for field, column in guess.items() if field not in INPUT_FIELDS}
    chosen = guess | {field: require_column(field, column, columns, guess) for field, column in given.items() if column}
    chosen = {field: column for field, column in chosen.items() if given.get(field) != ""}
    chosen.pop(_select_redundant_input(chosen), None)
    mapping = ColumnMapping(format=form, columns=MappingProxyType(chosen), given_fields=frozenset(given))
    _require_tokens(mapping, columns)
    return mapping


def propose_mapping(form: Format, columns: Sequence[str]) -> dict[str, str]:
    """Return the format's own field-to-column mapping, as far as the file has the columns."""
    names = ColumnNames.from_columns(columns)
    mapping = {field: names.find(candidates, inside=form.is_guessed) for field, candidates in form.fields.items()}
    return {field: column for field, column in mapping.items() if column is not None}


def require_column(field: str, column: str, columns: Sequence[str], guess: Mapping[str, str]) -> str:
    """Return the file's column, or path into a JSON object, of that name. Raises BadInput if there is none."""
    if column in columns or is_path_into(column, columns):
        return column
    match = ColumnNames.from_columns(columns).find([column], inside=False)
    if match is None:
        problem = text('The file has no column "{column}", which {field} is mapped to.', column=column, field=field)
        raise BadInput(join_texts(" ", (problem, describe_columns(columns, guess))))
    return match


def describe_columns(columns: Sequence[str], guess: Mapping[str, str]) -> Text:
    """Return a sentence with the file's columns and those that were recognised."""
    if not guess:
        return text("Columns in the file: {columns}. None was recognised.", columns=format_names(columns))
    pairs = ", ".join(f"{field}={column}" for field, column in guess.items())
    return text("Columns in the file: {columns}. Recognised: {pairs}.", columns=format_names(columns), pairs=pairs)


def format_names(names: Sequence[str], most: int = 40) -> str:
    """Return the names in quotes, at most `most` of them, each cut to 60 characters."""
    shown = ", ".join(f'"{name[:60]}"' for name in names[:most])
    if len(names) <= most:
        return shown
    return plural_text("{names} and {n} more", names=shown, n=len(names) - most)


def _select_redundant_input(chosen: Mapping[str, str]) -> str:
    """Return which of two input fields not to read; fresh tokens alone would lose the cached ones."""
    fresh_suffices = "cached_tokens" in chosen or "input_tokens" not in chosen
    return "input_tokens" if "fresh_input_tokens" in chosen and fresh_suffices else "fresh_input_tokens"


def _require_tokens(mapping: ColumnMapping, columns: Sequence[str]) -> None:
    missing = [] if set(INPUT_FIELDS) & set(mapping.columns) else ["input_tokens"]
    missing += [] if "output_tokens" in mapping.columns else ["output_tokens"]
    if missing:
        sentences = (
            _describe_missing(mapping.format.title, missing),
            describe_columns(columns, mapping.columns),
            text("If a column has another name, map it. The first line of a CSV must name the columns."),
        )
        raise BadInput(
            join_texts(" ", sentences),
            in_terminal=text("To map it: --map {field}=COLUMN.", field=missing[0]),
        )


def _describe_missing(title: Text, fields: Sequence[str]) -> Text:
    if len(fields) == 1:
        return text("The file has no column for {field} (format: {title}).", title=title, field=fields[0])
    one, other = fields
    return text("The file has no columns for {one} and {other} (format: {title}).", title=title, one=one, other=other)
