"""The mapping from the fields of a log to the columns of a file."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, text
from workloads.ingest.cell_contents import complete_columns, has_decimal_commas, list_batch_hints
from workloads.ingest.column_names import (
    ColumnNames,
    Examples,
    format_names,
    is_in_dollars,
    is_path_into,
    normalize_name,
    split_unit,
)
from workloads.ingest.columns.figure_names import complete_figures, describe_currency
from workloads.ingest.fields import INPUT_FIELDS, UNIQUE_FIELDS
from workloads.ingest.formats.base import Format
from workloads.ingest.given_mapping import check_fields
from workloads.ingest.refusals import ANY_USAGE_EXPORT, describe_number, explain_missing_tokens
from workloads.ingest.time_columns import NO_CHOICE, TimeChoice, choose_time

MAX_ALTERNATIVES = 8
EMBEDDING_MODEL = re.compile("embed|voyage-|bge-|gte-")
"""In the names of models for embeddings, in small letters."""


_PLAIN_PAIRS = (
    *(("prompt", "completion"), ("prompt", "response"), ("input", "output"), ("in", "out"), ("eingabe", "ausgabe")),
    *(("entree", "sortie"), ("entrada", "salida"), ("messagetokens", "answertokens"), ("question", "answer")),
)
"""Names, normalized, that mean tokens only as a pair of columns with whole numbers."""

_USAGE_OBJECTS = ("usage", "tokens", "tokenusage", "tokencount", "tokencounts", "tokenstats", "token")
"""Objects, by their normalized names, in which such a pair may be."""

_COUNT = re.compile(r"\d{1,15}|\d{1,6}(?:\.\d{1,3})? ?[kKmM]")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """The field-to-column mapping for reading a file. `given_fields`: the fields that the user mapped.

    `alternatives`: further columns of a field, which are read in rows where those before are empty; one file may hold
    the answers of several providers. `times`: how the column of the time was chosen. `batch_hints`: columns that say
    that a batch was bought, or a flexible tier. `has_decimal_commas`: a column has them, such as costs in euros.
    `notes`: on what a column was assumed to hold."""

    format: Format
    columns: Mapping[str, str]
    given_fields: frozenset[str]
    alternatives: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    times: TimeChoice = NO_CHOICE
    batch_hints: tuple[str, ...] = ()
    has_decimal_commas: bool = False
    notes: tuple[Text, ...] = ()

    def list_columns(self, field: str) -> tuple[str, ...]:
        """Return all columns that the field is read from, best first."""
        return (self.columns[field], *self.alternatives.get(field, ())) if field in self.columns else ()

    def get_unit(self, field: str) -> int:
        """Return how many one is in the field's column: 1,000 in "Input tokens (k)"."""
        return split_unit(self.columns[field])[1]

    @property
    def derived_field(self) -> str | None:
        """The field without a column whose tokens are all tokens of the row minus the other ones: input or output.

        With columns of parts, which may be inside or beside the total, the difference would not be exact.
        """
        if not self.format.is_guessed or "total_tokens" not in self.columns or "reasoning_tokens" in self.columns:
            return None
        missing = [field for field in ("input_tokens", "output_tokens") if field not in self.columns]
        has_parts = not {"fresh_input_tokens", "cached_tokens", "cache_write_tokens"}.isdisjoint(self.columns)
        return missing[0] if len(missing) == 1 and not has_parts else None

    @property
    def is_guessed(self) -> bool:
        """Whether a field was matched by name, neither known from the format nor mapped by the user."""
        return self.format.is_guessed and not set(self.columns) <= self.given_fields


def resolve_mapping(
    form: Format,
    columns: Sequence[str],
    given: Mapping[str, str],
    examples: Examples = MappingProxyType({}),
) -> ColumnMapping:
    """Return the mapping for a file with these columns: the format's, overridden by the user's.

    Raises BadInput if a column of the user's mapping does not exist, or if no column has the tokens of prompt or
    response; the message names the file's columns and those that were recognised.
    """
    check_fields(given)
    found = _find_columns(form, columns)
    guess = {field: chosen[0] for field, chosen in found.items()}
    if form.is_guessed:
        guess = _add_plain_pair(guess, columns, examples)
        guess = complete_figures(complete_columns(guess, columns, examples), columns, examples)
        found |= {field: (column,) for field, column in guess.items() if field not in found}
    if "cost_usd" in guess and not is_in_dollars(guess["cost_usd"], columns, examples):
        del guess["cost_usd"]
    times = _choose_time(form, examples, guess, given)
    of_times = {field: each for field, each in (("time", times.column), ("time_of_day", times.clock)) if each}
    guess = of_times | {field: column for field, column in guess.items() if column not in times[:2]}
    if set(INPUT_FIELDS) & set(given):
        guess = {field: column for field, column in guess.items() if field not in INPUT_FIELDS}
    chosen = guess | {field: require_column(field, column, columns, guess) for field, column in given.items() if column}
    chosen = {field: column for field, column in chosen.items() if given.get(field) != ""}
    chosen.pop(_select_redundant_input(form, chosen), None)
    mapping = ColumnMapping(
        format=form,
        columns=MappingProxyType(chosen),
        given_fields=frozenset(given),
        alternatives=MappingProxyType(_select_alternatives(form, found, chosen, given)),
        times=times,
        batch_hints=list_batch_hints(columns, examples),
        has_decimal_commas=has_decimal_commas(examples),
        notes=describe_currency(chosen, examples) if form.is_guessed else (),
    )
    _require_tokens(mapping, columns, examples)
    return mapping


def _choose_time(form: Format, examples: Examples, guess: Mapping[str, str], given: Mapping[str, str]) -> TimeChoice:
    if "time" not in form.fields or given.get("time") == "":
        return NO_CHOICE
    times = choose_time(examples, {**guess, **given})
    return times if given.get("time", times.column) == times.column else NO_CHOICE


def _add_plain_pair(guess: Mapping[str, str], columns: Sequence[str], examples: Examples) -> dict[str, str]:
    """Return the guess with columns such as "Prompt" and "Completion" as tokens, if nothing else is and both count."""
    if {*INPUT_FIELDS, "output_tokens"} & set(guess):
        return dict(guess)
    names = {normalize_name(split_unit(column)[0]): column for column in columns}
    for path, column in list(names.items()):
        parent, dot, name = path.rpartition(".")
        if dot and parent.rpartition(".")[2] in _USAGE_OBJECTS:
            names.setdefault(name, column)
    for one, other in _PLAIN_PAIRS:
        pair = (names.get(one), names.get(other))
        if all(column is not None and _are_counts(examples.get(column, ())) for column in pair):
            others = {field: column for field, column in guess.items() if column not in pair}
            return others | {"input_tokens": names[one], "output_tokens": names[other]}
    return dict(guess)


def _are_counts(values: Sequence[str]) -> bool:
    written = [value.strip().replace(",", "") for value in values if value.strip()]
    return bool(written) and all(map(_COUNT.fullmatch, written))


def _find_columns(form: Format, columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    names = ColumnNames.from_columns(columns)
    found = {field: names.find_all(candidates, inside=form.is_guessed) for field, candidates in form.fields.items()}
    return {field: chosen for field, chosen in found.items() if chosen}


def _select_alternatives(
    form: Format, found: Mapping[str, tuple[str, ...]], chosen: Mapping[str, str], given: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the further columns of each field that mean the same: those of a known format, or with a name of its own
    in the answers of providers."""
    alternatives: dict[str, tuple[str, ...]] = {}
    for field in [each for each in chosen if each not in given and each not in UNIQUE_FIELDS]:
        unit = split_unit(chosen[field])[1]
        others = tuple(
            each
            for each in found.get(field, ())[1:]
            if split_unit(each)[1] == unit and (not form.is_guessed or _get_last_key(each) in form.interchangeable)
        )
        if others:
            alternatives[field] = others[:MAX_ALTERNATIVES]
    return alternatives


def _get_last_key(column: str) -> str:
    return normalize_name(column).rpartition(".")[2]


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


def _select_redundant_input(form: Format, chosen: Mapping[str, str]) -> str:
    """Return which of two input fields not to read; fresh tokens alone would lose the cached ones."""
    fresh_suffices = form.kinds_are_beside or "cached_tokens" in chosen or "input_tokens" not in chosen
    return "input_tokens" if "fresh_input_tokens" in chosen and fresh_suffices else "fresh_input_tokens"


def _require_tokens(mapping: ColumnMapping, columns: Sequence[str], examples: Examples) -> None:
    if mapping.derived_field is not None:
        return
    missing = [] if set(INPUT_FIELDS) & set(mapping.columns) else ["input_tokens"]
    if "output_tokens" not in mapping.columns and not _names_embeddings(mapping, examples):
        missing.append("output_tokens")
    if missing and not mapping.given_fields and (explained := explain_missing_tokens(columns, examples)):
        raise BadInput(join_texts(" ", explained))
    if missing:
        sentences = (
            _describe_missing(mapping.format.title, missing),
            describe_columns(columns, mapping.columns),
            *describe_number([each for each in columns if each not in mapping.columns.values()], examples),
            text("If a column has another name, map it. The first line of a table must name the columns."),
            ANY_USAGE_EXPORT,
        )
        raise BadInput(
            join_texts(" ", sentences),
            in_terminal=text("To map it: --map {field}=COLUMN.", field=missing[0]),
        )


def _names_embeddings(mapping: ColumnMapping, examples: Examples) -> bool:
    """Whether all models in the first rows are for embeddings, which have no output."""
    models = [each for column in mapping.list_columns("model") for each in examples.get(column, ()) if each.strip()]
    return bool(models) and all(EMBEDDING_MODEL.search(each[:200].lower()) for each in models)


def _describe_missing(title: Text, fields: Sequence[str]) -> Text:
    if len(fields) == 1:
        return text("The file has no column for {field} (format: {title}).", title=title, field=fields[0])
    one, other = fields
    return text("The file has no columns for {one} and {other} (format: {title}).", title=title, one=one, other=other)
