"""Recognise columns of any name by words and cells: tokens in several languages, models, service tiers."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from workloads.ingest.column_names import Examples, is_batch_endpoint, name_actual, normalize_name
from workloads.ingest.columns.east_asian_words import write_in_english

_MAX_NAME: Final = 100
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_COUNT: Final = re.compile(r"\d{1,3}(?:[.,\u00a0\u202f '\u2019]\d{3}){1,4}|\d{1,15}(?:\.0{1,2})?")
_MODEL: Final = re.compile(
    r"(?:[\w.-]{1,40}[/:]){0,3}(?:us\.|eu\.|anthropic\.)?(?:gpt|chatgpt|o[134]|claude|gemini|llama|mi[sx]tral|codestral"
    r"|deepseek|command|grok|qwen|amazon\.nova|text-embedding|gemma)[-. ]?[-.\w:@ ]{0,80}",
    re.IGNORECASE,
)
_UNNUMBERED: Final = re.compile(
    r"[- ](?:large|medium|small|chat|coder|reasoner|pro|flash|opus|sonnet|haiku|latest|turbo|max|plus|r)\b",
    re.IGNORECASE,
)
"""Ends of models' names without a number, such as "mistral-large"."""

_GROUPING: Final = ("span_name", "team", "feature", "customer", "user", "provider")
"""Fields by which groups above their models, in one column, may be called."""

_DECIMAL_COMMA: Final = re.compile(
    r"(?:[€$£]|EUR|USD|CHF)? ?-?\d{1,3}(?:\.?\d{3}){0,4},(?:\d\d?|\d{4,12}) ?(?:[€$£]|EUR|USD|CHF)?"
)
_TIERS: Final = frozenset({"batch", "flex", "priority"})
_STANDARD: Final = frozenset({"standard", "default", "auto", "on_demand", "on-demand", "ondemand"})

_TOKEN: Final = frozenset({"token", "tokens", "tok", "toks", "jeton", "jetons"})
_FILLERS: Final = frozenset(
    {
        *("of", "the", "de", "d", "des", "du", "der", "die", "en", "di", "do", "da", "count", "counts", "num"),
        "number",
        *("n", "nb", "nombre", "numero", "anzahl", "sum", "summe", "used", "usage", "billed", "llm", "processed"),
    }
)
_INPUT: Final = frozenset(
    {
        *("input", "inputs", "prompt", "prompts", "in", "entree", "entrada", "eingabe", "eingabetoken", "eingang"),
        *("ingresso", "request", "anfrage", "invite", "consulta", "peticion", "invoer"),
    }
)
_OUTPUT: Final = frozenset(
    {
        *(
            "output",
            "outputs",
            "completion",
            "completions",
            "response",
            "answer",
            "generated",
            "out",
            "sortie",
            "reply",
        ),
        *(
            "salida",
            "saida",
            "ausgabe",
            "antwort",
            "ausgang",
            "uscita",
            "reponse",
            "respuesta",
            "resposta",
            "risposta",
            "uitvoer",
        ),
    }
)
_CACHE: Final = frozenset({"cache", "cached", "gecacht", "gecachte", "gecachter", "zwischengespeichert", "memorizzati"})
_READ: Final = frozenset(
    {"read", "reads", "hit", "hits", "lese", "gelesen", "gelesene", "lus", "leidos", "lidos", "letti"}
)
_WRITE: Final = frozenset(
    {
        *("write", "writes", "written", "creation", "created", "schreib", "geschrieben", "geschriebene", "ecrits"),
        *("ecriture", "escritos", "escritura", "scritti"),
    }
)
_LACKS: Final = frozenset({"uncached", "ungecacht", "ungecachte", "miss", "misses"})


_PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("cached", "cachedinput", "inputcached", "cachereads", "davoncache", "davonauscache"), "cached_tokens"
        ),
        **dict.fromkeys(
            (
                *("davonausdemcache", "davonimcache", "davongecacht", "dontcache", "dontencache", "dontmisencache"),
                *(
                    "ofwhichcached",
                    "ofwhichcachehits",
                    "thereofcached",
                    "includingcached",
                    "inclcached",
                    "dicuiincache",
                ),
            ),
            "cached_tokens",
        ),
        **dict.fromkeys(("davonzwischengespeichert", "delascualesencache"), "cached_tokens"),
        **dict.fromkeys(("cachecreation", "cachewrites"), "cache_write_tokens"),
        "uncachedinput": "fresh_input_tokens",
    }
)
"""Last keys, normalized, that mean tokens only if the cells are counts; others of that name are flags or costs."""


def complete_columns(guess: Mapping[str, str], columns: Sequence[str], examples: Examples) -> dict[str, str]:
    """Return the guess with the columns of fields that no name was known for."""
    found = dict(guess)
    free = [column for column in columns if column not in found.values() and len(column) <= _MAX_NAME]
    _add_tokens(found, free, examples)
    if "model" not in found:
        _add_model(found, free, examples)
    if {"service_tier", "batch"}.isdisjoint(found):
        _add_only(found, "service_tier", [each for each in free if _are_tiers(examples.get(each, ()))])
    return found


def list_batch_hints(columns: Sequence[str], examples: Examples) -> tuple[str, ...]:
    """Return the columns, by whatever name, of which a cell says that a batch was bought, or a flexible tier."""
    return tuple(column for column in columns if any(_says_tier(cell) for cell in examples.get(column, ())))


def has_decimal_commas(examples: Examples) -> bool:
    """Whether all cells of a column have a decimal comma; three digits behind it would be a thousand."""
    return any(
        _all_match(cells, lambda cell: _DECIMAL_COMMA.fullmatch(cell) is not None) for cells in examples.values()
    )


def classify_tokens(column: str) -> str | None:
    """Return the field whose tokens a column counts by the words of its name, such as "Tokens de entrada"; None if a
    word in it means something else. A counter that ends with "total" may be a running one."""
    words = list_words(column)
    ignored = _FILLERS if normalize_name(column[:_MAX_NAME]).endswith("total") else _FILLERS | {"total"}
    return None if words.isdisjoint(_TOKEN) else _classify_words(words - _TOKEN - ignored)


def classify_kind(cell: str) -> str | None:
    """Return the field of the tokens that a cell names, such as "Eingabe" or "cached input"; None if it names none."""
    words = list_words(cell) - _TOKEN - _FILLERS
    return None if words == {"request"} else _classify_words(words)


def holds_counts(cells: Sequence[str]) -> bool:
    """Whether all cells that have a value are counts."""
    return _all_match(cells, _is_count)


def list_words(name: str) -> set[str]:
    """Return the words of a column's name or a cell, normalized, compounds and camelCase apart."""
    spaced = "".join(letter if letter.isalnum() else " " for letter in write_in_english(name[:_MAX_NAME]))
    words = (normalize_name(word) for part in spaced.split() for word in _split_case(part))
    return {each for word in words for each in _split_compound(word)}


def _split_compound(word: str) -> tuple[str, ...]:
    """Return the parts of a word such as "Eingabetokens"."""
    kind = word.removesuffix("s").removesuffix("token")
    return (kind, "tokens") if kind and kind != word.removesuffix("s") else (word,)


def _classify_words(words: set[str]) -> str | None:
    words = words - {"in"} or words  # "Token in uscita"
    kinds = (_INPUT, _OUTPUT, _CACHE, _READ, _WRITE, _LACKS)
    if not words or any(all(word not in kind for kind in kinds) for word in words):
        return None
    is_cache = not words.isdisjoint(_CACHE)
    signs = {
        "output_tokens": words <= _OUTPUT,
        "fresh_input_tokens": not words.isdisjoint(_LACKS) and words <= _LACKS | _INPUT | _CACHE,
        "cache_write_tokens": is_cache and not words.isdisjoint(_WRITE) and words <= _WRITE | _INPUT | _CACHE,
        "cached_tokens": is_cache and words <= _READ | _INPUT | _CACHE,
        "input_tokens": words <= _INPUT,
    }
    return next((field for field, is_meant in signs.items() if is_meant), None)


def _split_case(part: str) -> list[str]:
    """Return the words of camelCase; a word with other letters stays whole."""
    return _WORD.findall(part) if part.isascii() else [part]


def _add_tokens(found: dict[str, str], free: Sequence[str], examples: Examples) -> None:
    actual = name_actual(free)
    for column in free:
        field = classify_tokens(actual.get(column, column)) or _PLAIN.get(normalize_name(column).rpartition(".")[2])
        cells = examples.get(column, ())
        is_plain = field is not None and field not in found and _all_match(cells, _is_count)
        if field is not None and is_plain and any(cell.strip() not in ("", "0", "1") for cell in cells):
            found[field] = column


def _add_only(found: dict[str, str], field: str, columns: Sequence[str]) -> None:
    if len(columns) == 1:
        found[field] = columns[0]


def _add_model(found: dict[str, str], free: Sequence[str], examples: Examples) -> None:
    """Add the column of models: all of its cells are models, or, in a table with groups, some are and others are names
    of groups, as in "Team / Model"."""
    named = {found[field]: field for field in _GROUPING if field in found}
    columns = [*free, *named]
    models = [each for each in free if _all_match(examples.get(each, ()), names_model)]
    mixed = [each for each in columns if _holds_some_models(examples.get(each, ()))]
    _add_only(found, "model", models or mixed)
    if (field := named.get(found.get("model", ""))) is not None:
        del found[field]


def _holds_some_models(cells: Sequence[str]) -> bool:
    filled = {cell.strip() for cell in cells if cell.strip()}
    return 3 * sum(map(names_model, filled)) >= max(len(filled), 3)


def _all_match(cells: Sequence[str], matches: Callable[[str], bool]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(map(matches, filled))


def _is_count(cell: str) -> bool:
    return _COUNT.fullmatch(cell) is not None


def names_model(cell: str) -> bool:
    """Whether a cell is the name of a model of a known family."""
    is_numbered = any(letter.isdigit() for letter in cell)
    return _MODEL.fullmatch(cell) is not None and (is_numbered or _UNNUMBERED.search(cell) is not None)


def _says_tier(cell: str) -> bool:
    return cell.strip().lower() in ("batch", "flex") or is_batch_endpoint(cell)


def _are_tiers(cells: Sequence[str]) -> bool:
    """Whether a column has tiers and nothing else, or endpoints of which one is for batches."""
    words = {cell.strip().lower() for cell in cells if cell.strip()}
    return any(map(is_batch_endpoint, cells)) or (
        len(words) > 1 and words <= _TIERS | _STANDARD and not words.isdisjoint(_TIERS)
    )
