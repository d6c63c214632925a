"""What the log lacks: owners, with the question for others that it has, and things of which a part is asked for."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.groups import OWNERS
from agents.language.lexicon import Span
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan, is_content, is_slip
from core.i18n.text import text

MAX_UNKNOWN_WORDS = 3
OWNER_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "en": {
            "team": ("team", "teams"),
            "customer": ("customer", "customers"),
            "user": ("user", "users"),
            "feature": ("feature", "features"),
        },
        "de": {"customer": ("kunde", "kunden"), "user": ("nutzer", "nutzer")},
        "fr": {"customer": ("client", "clients"), "user": ("utilisateur", "utilisateurs")},
        "es": {
            "customer": ("cliente", "clientes"),
            "user": ("usuario", "usuarios"),
            "team": ("equipo", "equipos"),
        },
    }
)
"""Owners in the singular and the plural, by language: those of one gender, so that the words around them fit."""

ELIDED = frozenset(("le", "ce", "de", "du"))
"""French words that have another form before a vowel."""

SINGULAR = frozenset(("pro", "je", "welcher", "welchen", "jeder", "jeden", "der", "den", "ein", "einen"))
DATIVE = frozenset(("von", "mit", "bei", "zu"))

NEAREST = ("user", "customer", "team", "feature")
"""Owners that stand for one that the log lacks, the nearest first."""

RESTRICTING = frozenset(
    ("than", "versus", "vs", "als", "on", "for", "of", "from", "fur", "von", "bei", "pour", "sur", "para")
)
ARTICLES = frozenset(
    (
        *("the", "our", "my", "all", "any", "these", "those", "this", "that"),
        *("die", "der", "das", "den", "dem", "unsere", "unseren", "alle"),
        *("les", "le", "la", "nos", "notre", "los", "las", "el", "nuestros", "nuestras"),
    )
)
POINTING = frozenset(("that", "this", "these", "those", "diesem", "dieser", "dem", "cette", "ce", "ese", "esa", "este"))
AUXILIARIES = frozenset(("do", "does", "did", "would", "will"))
COSTS = frozenset(("cost", "costs", "kostet", "kosten", "kostete", "coute", "coutent", "cuesta", "cuestan"))
PURPOSES = frozenset(
    (
        *("boss", "manager", "board", "meeting", "presentation", "slides", "review", "cfo", "cto", "ceo", "finance"),
        *(
            "accounting",
            "controlling",
            "planning",
            "audit",
            "example",
            "instance",
            "context",
            "reference",
            "comparison",
        ),
        *("interest", "sure", "course", "fun", "clarity", "colleague", "colleagues", "management"),
        *("chef", "vorstand", "prasentation", "sitzung", "beispiel", "direction", "reunion", "jefe", "ejemplo"),
        *("direccion", "gerencia", "geschaftsfuhrung", "geschaftsleitung", "leadership", "executives"),
    )
)
"""Words that say what an answer is for: "for my boss"."""


def list_instead(found: Findings, absent: str) -> tuple[str, ...]:
    """Return what can be asked of the owners that the log does have: the same question of them, where it is certain."""
    known = [name for name in (*NEAREST, *OWNERS) if name in found.scan.vocabulary.dimensions]
    asked = tuple(each for name in dict.fromkeys(known) if (each := _ask_of(found, absent, name)))
    return (*asked[:2], *(f"Spend by {name.replace('_', ' ')}" for name in OWNERS if name in known))


def _ask_of(found: Findings, absent: str, other: str) -> str:
    """Return the question with another owner: "Who are my ten most expensive users?"."""
    scan = found.scan
    spans = [span for span in scan.iter_spans("dimensions", absent) if span.end - span.start == 1]
    words = OWNER_WORDS.get(scan.lexicon.language, {})
    if len(spans) != 1 or absent not in words or other not in words:
        return ""
    token = scan.tokens[spans[0].start]
    before = tuple(each.text for each in scan.tokens[max(spans[0].start - 2, 0) : spans[0].start])
    if token.raw.lower() not in words[absent] or (words[other][0][0] in "aeiou" and ELIDED.intersection(before[-1:])):
        return ""
    word = words[other][_get_number(words[absent], token.raw.lower(), before)]
    word += "n" if word == "nutzer" and DATIVE.intersection(before) and not SINGULAR.intersection(before) else ""
    word = word.capitalize() if token.is_capitalized else word
    return f"{scan.question[: token.start]}{word}{scan.question[token.end :]}"


def _get_number(forms: tuple[str, str], word: str, before: Sequence[str]) -> int:
    """Return 0 for the singular, 1 for the plural. Where both are written alike, the words before tell."""
    if forms[0] == forms[1]:
        return 0 if SINGULAR.intersection(before) else 1
    return forms.index(word)


def is_pointed_at(scan: Scan, span: Span) -> bool:
    """Whether a group is the one of the question before: "that team"."""
    return span.start > 0 and scan.tokens[span.start - 1].text in POINTING


def read_unknown_object(found: Findings) -> Reading | None:
    """What do we spend on embeddings? Say that the log has nothing of that name, instead of giving the whole."""
    scan = found.scan
    if len(scan.unknown_words) > MAX_UNKNOWN_WORDS or scan.has("report", "goal", "what_if"):
        return None
    place = next((at for at in scan.unknown_words if _restricts(found, at)), None)
    if place is None:
        return None
    message = text(
        "The log has nothing called “{name}”. Which model, feature, team or user do you mean?",
        name=scan.tokens[place].raw,
    )
    return Reading(kind=QuestionKind.CANNOT, topic="name", message=message, choices=list_groups_of(scan))


def ask_which(scan: Scan, place: tuple[int, int], name: str, similar: Sequence[str]) -> Reading:
    """Ask which of similar names is meant: with the question for each of them, so that a click asks it."""
    before, after = scan.tokens[place[0]].start, scan.tokens[place[1] - 1].end
    message = (
        text(
            "“{name}” is not in this log. Did you mean one of these: {similar}?", name=name, similar=", ".join(similar)
        )
        if similar
        else text("“{name}” is not in this log. Which model do you mean?", name=name)
    )
    choices = tuple(f"{scan.question[:before]}{each}{scan.question[after:]}" for each in similar)
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices)


def list_groups_of(scan: Scan) -> tuple[str, ...]:
    """Return the questions that show which names the log has."""
    known = [name for name in ("feature", "model", "team", "customer", "user") if name in scan.vocabulary.dimensions]
    return tuple(f"Spend by {name}" for name in known[:3])


def _restricts(found: Findings, place: int) -> bool:
    """Whether "on", "for" or "of" stands before a word, so that only a part is asked about: "on our embeddings"."""
    scan = found.scan
    before = place - 1
    while before >= 0 and scan.tokens[before].text in ARTICLES:
        before -= 1
    token = scan.tokens[place]
    is_named = before >= 0 and scan.tokens[before].text in RESTRICTING and token.text not in PURPOSES
    is_named = is_named and not token.text[:1].isdecimal()  # "on the 22nd"
    return is_named and is_content(token, scan.lexicon) and not is_slip(token, scan.lexicon)


def is_priced(found: Findings, place: int) -> bool:
    """Whether the cost of something unknown is asked for: "what does the moon cost?", "was kostet der Mond?"."""
    scan = found.scan
    verbs = [span for span in scan.iter_spans("measures", "spend") if scan.tokens[span.start].text in COSTS]
    before = scan.tokens[place - 1].text if place else ""
    if before not in ARTICLES and before not in AUXILIARIES:
        return False
    if scan.lexicon.language == "en":
        return any(scan.are_small(0, place) and span.start == place + 1 for span in verbs)
    return any(span.end < place and scan.are_small(span.end, place) for span in verbs)
