"""Recognise the columns with the number of requests and with the cost by the words of their names, in several
languages: "Usage Request Count", "Anzahl der API-Aufrufe", "Coste (USD)", "Kosten Ist"."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from core.i18n.text import Text, text
from workloads.ingest.cell_contents import holds_counts, list_words
from workloads.ingest.column_names import Examples, normalize_name

_MAX_NAME: Final = 100

_REQUESTS: Final = frozenset(
    {
        *("requests", "calls", "invocations", "completions", "generations", "anfragen", "aufrufe", "abfragen"),
        *("requetes", "appels", "solicitudes", "peticiones", "llamadas", "consultas", "requisicoes", "chamadas"),
        *("solicitacoes", "richieste", "chiamate", "verzoeken", "aanroepen", "aanvragen"),
    }
)
_ONE_REQUEST: Final = frozenset({"request", "call", "invocation", "anfrage", "aufruf", "requete", "appel", "solicitud"})
_NUMBER: Final = frozenset(
    {
        *("count", "counts", "number", "num", "no", "nr", "n", "total", "sum", "anzahl", "zahl", "summe", "gesamt"),
        *("nombre", "nb", "numero", "cantidad", "quantidade", "aantal", "somme", "suma", "soma", "somma"),
    }
)
_MODIFIERS: Final = frozenset(
    {
        *("of", "the", "de", "d", "des", "du", "der", "die", "di", "do", "da", "al", "las", "les", "in", "usage"),
        *("api", "llm", "ai", "ki", "ia", "model", "models", "openai", "azure", "anthropic", "chat", "all"),
    }
)
_BARE_COUNTS: Final = frozenset(
    {
        *("count", "countall", "countstar", "countcount", "doccount", "rowcount", "recordcount", "recordscount"),
        *("numberofrecords", "numberofrows", "countofrows", "countofrecords", "counts", "anzahl", "aantal", "cantidad"),
        *("quantidade", "nombre"),
    }
)
"""Names, normalized, by which BI tools call the number of a group's rows, each of which was a request."""

_COSTS: Final = frozenset(
    {
        *("cost", "costs", "spend", "spending", "charge", "charges", "coste", "costes", "costo", "costos", "gasto"),
        *("gastos", "custo", "custos", "cout", "couts", "depense", "depenses", "kosten", "ausgaben", "costi", "spesa"),
    }
)
_ENGLISH: Final = frozenset({"cost", "costs", "spend", "spending", "charge", "charges"})
_AMOUNTS: Final = frozenset({"amount", "betrag", "montant", "importe", "importo", "valor", "valeur", "bedrag"})
"""Words for an amount of money only beside a currency."""

_DOLLARS: Final = frozenset({"usd", "us", "dollar", "dollars", "dolares", "dollari"})
_ACTUAL: Final = frozenset({"actual", "actuals", "ist", "real", "reel", "reels", "effektiv", "billed"})
_OTHER_CURRENCY: Final = re.compile(
    r"[€£¥₹%円원]|(?<!美)元|人民|(?<![a-z])(?:eur|gbp|chf|jpy|cny|inr|brl|cad|aud|sek|pln)(?![a-z])"
)
_MONEY: Final = re.compile(r"(?:us)?\$? ?\d[\d.,\u00a0\u202f ']{0,20}(?: ?(?:us)?\$| ?usd)?|usd ?\d[\d.,]{0,20}", re.I)


def complete_figures(guess: Mapping[str, str], columns: Sequence[str], examples: Examples) -> dict[str, str]:
    """Return the guess with the columns of the number of requests and of the cost, if one column each is told by its
    words. That a cost is in dollars is looked at later, together with those of usual names."""
    found = dict(guess)
    free = [column for column in columns if column not in found.values() and len(column) <= _MAX_NAME]
    if "requests" not in found:
        counted = [column for column in free if holds_counts(examples.get(column, ()))]
        named = [column for column in counted if counts_requests(column)]
        bare = [column for column in counted if normalize_name(column) in _BARE_COUNTS]
        _add_only(found, "requests", named or (bare if {"input_tokens", "fresh_input_tokens"} & set(found) else []))
    if "cost_usd" not in found:
        costs = [column for column in free if names_cost(column) and _are_amounts(examples.get(column, ()))]
        _add_only(found, "cost_usd", costs)
    return found


def counts_requests(column: str) -> bool:
    """Whether all words of a column's name say that it counts requests. "Request" alone may be an ID."""
    words = list_words(column[:_MAX_NAME])
    nouns = words & (_REQUESTS | _ONE_REQUEST)
    is_number = not words.isdisjoint(_NUMBER) or "#" in column or not nouns.isdisjoint(_REQUESTS)
    return bool(nouns) and is_number and words <= _REQUESTS | _ONE_REQUEST | _NUMBER | _MODIFIERS


def names_cost(column: str) -> bool:
    """Whether all words of a column's name say that it is a cost, in US dollars or no stated currency."""
    words = list_words(column[:_MAX_NAME])
    nouns = _COSTS | _AMOUNTS if states_dollars(column) else _COSTS
    others = _NUMBER | _MODIFIERS | _DOLLARS | _ACTUAL
    is_other = _OTHER_CURRENCY.search(column[:_MAX_NAME].lower()) is not None
    return not words.isdisjoint(nouns) and words <= nouns | others and not is_other


def states_dollars(column: str) -> bool:
    """Whether a column's name states US dollars."""
    return "$" in column or not list_words(column[:_MAX_NAME]).isdisjoint(_DOLLARS)


def describe_currency(columns: Mapping[str, str], examples: Examples) -> tuple[Text, ...]:
    """Return a note on a cost whose name is in another language than English and whose currency nothing states."""
    column = columns.get("cost_usd", "")
    words = list_words(column[:_MAX_NAME])
    is_stated = states_dollars(column) or any("$" in cell or "usd" in cell.lower() for cell in examples.get(column, ()))
    if is_stated or (column.isascii() and words.isdisjoint(_COSTS - _ENGLISH)):
        return ()
    return (text('"{column}" states no currency and was read as US dollars.', column=column[:60]),)


def _are_amounts(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(map(_MONEY.fullmatch, filled))


def _add_only(found: dict[str, str], field: str, columns: Sequence[str]) -> None:
    if len(columns) == 1:
        found[field] = columns[0]
