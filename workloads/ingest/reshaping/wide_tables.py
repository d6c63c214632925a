"""Tables with columns per model, or per model and kind of tokens, as of a pivot table: made one with a row per model.

"gpt-4o input tokens" and "Output (gpt-4o)" name a model and a kind. A model alone counts all its tokens, or what
another column says ("metric")."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.i18n.text import Text, plural_text, text
from workloads.ingest.cell_contents import classify_kind, classify_tokens, holds_counts, list_words, names_model
from workloads.ingest.column_names import Examples, format_names, normalize_name, split_unit
from workloads.ingest.columns.figure_names import counts_requests, names_cost
from workloads.ingest.database import quote_literal
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reading.totals.outline_totals import is_total_name
from workloads.ingest.reshaping.reshaped import Reshaped

_MAX_NAME: Final = 100
_MAX_SPLITS: Final = 24
_MAX_MODELS: Final = 200
_SIGNS: Final = " \t_-/|:,.;()[]{}'\"\u2013\u2014\u00b7"
_BREAK: Final = re.compile(r"[\s_\-/|:,.;()\[\]{}'\"\u2013\u2014\u00b7]+")
_FAMILY: Final = re.compile(
    r"gpt|o[134]|claude|gemini|llama|mi[sx]tral|codestral|deepseek|command|grok|qwen|nova|embedding|gemma",
    re.IGNORECASE,
)
"""What every name of a model of a known family has (cell_contents.names_model); few columns do."""

_MODEL_WORD: Final = re.compile(
    r"\d|^(?:mini|nano|micro|lite|large|small|medium|pro|flash|opus|sonnet|haiku|turbo|instruct|preview|latest|max|plus)$",
    re.IGNORECASE,
)
"""Words after the first of a model's name."""

_TOTAL_KINDS: Final = frozenset({"tokens", "token", "totaltokens", "tokenstotal", "alltokens"})
_UNIT_NAMES: Final[Mapping[int, str]] = {1: "", 1_000: " (thousands)", 1_000_000: " (millions)"}
_ZEROS: Final = "'', '0', '0.0', '0.00', '0,0', '0,00', '-', '\u2013', '$0.00', '$0'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelColumn:
    """A column of figures of a model: our field, "tokens" for all tokens of a kind that the column does not name; and
    in what unit. `affixes`: what stands in its name before and after the model."""

    column: str
    model: str
    field: str
    unit: int
    affixes: tuple[str, str]


def build_unpivoted(table: FileTable, examples: Examples) -> Reshaped | None:
    """Return the table with a row for each model; None if it has no columns of models."""
    columns = [column for column in table.top_level if len(column) <= _MAX_NAME]
    if any(_holds_models(examples.get(column, ())) for column in columns):
        return None
    known = [found for column in columns if (found := split_model(column)) is not None]
    if len(known) < 2:
        return None
    named = [*known, *_iter_alike(columns, known)]
    figures = [each for each in named if _holds_figures(examples.get(each.column, ()))]
    if {"input_tokens", "output_tokens"} <= {each.field for each in figures}:
        figures = [replace(each, field="total_tokens") if each.field == "tokens" else each for each in figures]
    models = list(dict.fromkeys(each.model for each in figures))
    is_unique = len({(each.model, each.field) for each in figures}) == len(figures)
    units = {each.field: each.unit for each in figures}
    if not is_unique or not models or len(models) > _MAX_MODELS or any(units[e.field] != e.unit for e in figures):
        return None
    read = {each.column for each in named}
    others = [column for column in table.top_level if column not in read]
    totals = [column for column in others if _is_total(column, named) or _is_figure(column)]
    keys = [column for column in others if column not in totals]

    def describe(before: int, after: int) -> tuple[Text, ...]:
        return _describe(before, after, models, totals)

    return Reshaped(query=_build_query(table, keys, figures, models), describe=describe)


def split_model(column: str) -> ModelColumn | None:
    """Return the model and the kind that a column's name consists of; None if it names no model of a known family."""
    if _FAMILY.search(column[:_MAX_NAME]) is None:
        return None
    name, unit = split_unit(column[:_MAX_NAME])
    if names_model(name.strip(_SIGNS)) and all(map(_MODEL_WORD.search, name.strip(_SIGNS).split()[1:])):
        whole = ModelColumn(column=column, model=name.strip(_SIGNS), field="tokens", unit=unit, affixes=("", ""))
    else:
        whole = None
    parts = [part for part in _iter_parts(column, name, unit) if names_model(part.model)]
    parts = parts or [found for part in _iter_parts(column, name, unit) if (found := _cut_path(part)) is not None]
    return min(parts, key=lambda part: len(part.model), default=whole)


def _iter_parts(column: str, name: str, unit: int) -> Iterator[ModelColumn]:
    """Yield the ways to cut a name into a model and a kind of figures."""
    for place, cut in enumerate(_BREAK.finditer(name)):
        if place == _MAX_SPLITS:
            return
        first, last = name[: cut.start()].strip(_SIGNS), name[cut.end() :].strip(_SIGNS)
        if first and (field := _classify(last)) is not None:
            yield ModelColumn(column=column, model=first, field=field, unit=unit, affixes=("", name[cut.start() :]))
        if last and (field := _classify(first)) is not None:
            yield ModelColumn(column=column, model=last, field=field, unit=unit, affixes=(name[: cut.end()], ""))


def _cut_path(part: ModelColumn) -> ModelColumn | None:
    """Return the model at the end of a path: "summary.usage.gpt-4o"."""
    keys = part.model.split(".")
    for place in range(1, len(keys)):
        model = ".".join(keys[place:])
        if names_model(model):
            path = part.affixes[0] + part.model.removesuffix(model)
            return replace(part, model=model, affixes=(path, part.affixes[1]))
    return None


def _classify(kind: str) -> str | None:
    if normalize_name(kind) in _TOTAL_KINDS:
        return "tokens"
    if counts_requests(kind):
        return "requests"
    return "cost_usd" if names_cost(kind) else classify_kind(kind)


def _iter_alike(columns: Sequence[str], known: Sequence[ModelColumn]) -> Iterator[ModelColumn]:
    """Yield the columns of other models, whose names have the same words around the model."""
    read = {each.column for each in known}
    shapes = {(each.affixes, each.field) for each in known if any(each.affixes)}
    for column in columns:
        name, unit = split_unit(column)
        for (before, after), field in sorted(shapes, key=lambda shape: -len("".join(shape[0]))):
            model = name[len(before) : len(name) - len(after)].strip(_SIGNS)
            is_alike = name.startswith(before) and name.endswith(after) and model and not is_total_name(model)
            if column not in read and is_alike and not list_words(model) <= {"all", "other"}:
                yield ModelColumn(column=column, model=model, field=field, unit=unit, affixes=(before, after))
                break


def _is_total(column: str, found: Sequence[ModelColumn]) -> bool:
    """Whether a column has the figures of all models together."""
    return is_total_name(column) and any(
        column.endswith(e.affixes[1]) and column.startswith(e.affixes[0]) for e in found
    )


def _is_figure(column: str) -> bool:
    name = split_unit(column)[0]
    return classify_tokens(name) is not None or _classify(name) is not None


def _holds_models(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(map(names_model, filled))


def _holds_figures(cells: Sequence[str]) -> bool:
    return not cells or holds_counts(cells) or any(any(map(str.isdigit, cell)) for cell in cells)


def _build_query(table: FileTable, keys: Sequence[str], figures: Sequence[ModelColumn], models: Sequence[str]) -> str:
    """Return SQL for a row for each row and model with figures. Its number of requests is unknown if no column has it,
    but never one."""
    cells = {each.column: f"figure {place}" for place, each in enumerate(figures)}
    names = {f"key {place}": column for place, column in enumerate(keys)}
    query = table.build_query({**names, **{name: column for column, name in cells.items()}})
    fields = list(dict.fromkeys(["requests", *(each.field for each in figures)]))
    units = {each.field: each.unit for each in figures}
    named = [f"{quote_identifier(name)} AS {quote_identifier(column)}" for name, column in names.items()]
    parts = []
    for number, model in enumerate(models):
        own = {each.field: quote_identifier(cells[each.column]) for each in figures if each.model == model}
        read = [
            f"{own.get(field, 'NULL::VARCHAR')} AS {quote_identifier(field + _UNIT_NAMES[units.get(field, 1)])}"
            for field in fields
        ]
        used = " OR ".join(f"coalesce(trim({cell}), '') NOT IN ({_ZEROS})" for cell in own.values())
        row = ", ".join([*named, f"{quote_literal(model)} AS model", *read, "place", f"{number} AS number"])
        parts.append(f"SELECT {row} FROM numbered WHERE {used}")
    return f"""WITH numbered AS (SELECT *, row_number() OVER () AS place FROM ({query}))
        SELECT * EXCLUDE (place, number) FROM ({" UNION ALL ".join(parts)}) ORDER BY place, number"""


def _describe(before: int, after: int, models: Sequence[str], totals: Sequence[str]) -> tuple[Text, ...]:
    said = plural_text(
        "The table has columns for each model ({models}), so {n:,} row was made of its {before:,}, one per model.",
        "The table has columns for each model ({models}), so {n:,} rows were made of its {before:,}, one per model.",
        n=after,
        before=before,
        models=format_names(models, most=5),
    )
    if not totals:
        return (said,)
    names = format_names(totals, most=10)
    return said, text("Columns with the figures of all models together were not read: {names}.", names=names)
