"""Rules for suppositions: what if."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from agents.language.findings import Findings, find_part
from agents.language.phrases.factors import MOVING, find_factor
from agents.language.reading import Part, QuestionKind, Reading, SupposedChange, Supposition
from agents.language.rules.details.bounds import bound_by_input
from agents.language.rules.details.contrasts import compares_what_is
from agents.language.rules.details.periods import split_later
from agents.language.rules.period_pairs import label_period
from agents.language.scan import Scan
from agents.language.scope import get_scope, is_negated
from agents.language.vocabulary import NameSpan
from core.i18n.text import text
from workloads.query.query import Operator, Query

BEFORE_TARGET = frozenset({"to", "on", "with", "auf", "zu", "mit", "a", "sur", "vers", "con"})
REPLACING = ("in place of", "instead of", "anstelle", "statt", "a la place", "au lieu", "en lugar", "en vez")
ARTICLES = ("the", "our", "dem", "den", "le", "la", "el")

SAVING = frozenset({"save", "saved", "sparen", "sparten", "gespart", "economiserait", "economiserions", "ahorrariamos"})
FAILED_WORDS = frozenset({"failed", "failures"})
UNKNOWN_CACHING = text(
    "What more caching would save depends on how often prompts begin alike. The savings report estimates it from the "
    "log (“Use prompt caching”)."
)
UNKNOWN_INPUT = text(
    "I can't tell what other prompts would cost: it depends on whether the cached part of them changes. I can suppose "
    "shorter answers, and show what input costs."
)
INPUT_QUESTIONS = ("Spend on input by feature", "What if outputs were 20% shorter?")
MAX_CHOICES = 4
CACHE_MEASURES = frozenset({"cached_tokens", "cached_spend", "cache_share", "cache_saving"})
INPUT_MEASURES = frozenset({"input_tokens", "input_per_request", "input_spend"})


def read_supposition(found: Findings) -> Reading | None:
    scan = found.scan
    if scan.has("cheaper_model") and scan.has("what_if"):
        message = text("Which model do you want to compare with? Name one, for example:")
        return Reading(kind=QuestionKind.CLARIFY, message=message, choices=_suggest_models(found))
    if (ended := _read_end(found)) is not None:
        return ended
    if scan.has("batch"):
        return _read_batch(found)
    if scan.has("same_volume") and len(found.list_points()) == 2:
        return _read_replacement(found)
    is_wish = scan.has("what_if") and not compares_what_is(found)
    if scan.has("remove") or not (is_wish or (scan.has("double") and scan.names)):
        return None
    return _read_other_input(found) or _read_factor(found) or _read_other_model(found)


def read_more_caching(found: Findings) -> Reading | None:
    """What if half of the input were cached? A share alone does not tell."""
    scan = found.scan
    is_caching = scan.has("caching") or bool(CACHE_MEASURES.intersection(found.measures))
    if not (scan.has("what_if") or {"if"} & found.words) or not is_caching:
        return None
    if scan.has("except", "nobody", "double", "triple", "grow", "rise", "fall"):
        return None
    return Reading(kind=QuestionKind.CANNOT, message=UNKNOWN_CACHING)


def _read_end(found: Findings) -> Reading | None:
    """What if we turned off nightly-digest? What would we save without it? None of its requests."""
    scan = found.scan
    is_end = scan.has("turned_off", "remove") or (bool(SAVING & found.words) and scan.has("except"))
    is_part = found.percent is not None or scan.has("halve", "price", "batch", "double", "triple")
    if not (scan.has("what_if") and is_end and scan.names) or is_part or scan.listed_models:
        return None
    if any(name.start and scan.tokens[name.start - 1].text in BEFORE_TARGET for name in scan.names):
        return None  # "stopped using gpt-4o and moved to gpt-4o-mini"
    scope = get_scope(found, names=scan.names)
    where = tuple(
        replace(each, operator=Operator.IS) if each.operator is Operator.IS_NOT else each for each in scope.where
    )
    nothing = Supposition(change=SupposedChange.TRAFFIC, factor=Decimal(0))
    return Reading(kind=QuestionKind.WHAT_IF, query=Query(where=where, period=scope.period), supposition=nothing)


def _read_batch(found: Findings) -> Reading:
    scan = found.scan
    if not scan.names and scan.has("pronoun"):
        message = text("What do you want to move to batch? Name a feature, a model or a team.")
        return Reading(kind=QuestionKind.CLARIFY, message=message, is_fragment=True)
    return _build(found, Supposition(change=SupposedChange.BATCH, share=find_part(found)), scan.names)


def _read_other_input(found: Findings) -> Reading | None:
    """What if prompts were 10% shorter? A log doesn't tell which part of them."""
    is_sized = found.percent is not None or found.scan.has("halve", "double", "triple")
    if not (INPUT_MEASURES.intersection(found.measures) and is_sized):
        return None
    return bound_by_input(found, UNKNOWN_INPUT, INPUT_QUESTIONS)


def _read_factor(found: Findings) -> Reading | None:
    """What if traffic doubled?"""
    supposition = find_factor(found)
    return None if supposition is None else _build(found, supposition, found.scan.names)


def _read_other_model(found: Findings) -> Reading | None:
    scan = found.scan
    replaced = _find_unknown_source(scan)
    if replaced is not None:
        message = text("The log has no model called “{name}”.", name=replaced)
        return Reading(kind=QuestionKind.CLARIFY, message=message, choices=_suggest_replaced(found))
    if scan.listed_models:
        return _build(found, _move(found, scan.listed_models[0][2]), scan.names)
    models = [name for name in scan.names if name.names[0].dimension == "model" and len(name.names) == 1]
    if not models or all(is_negated(scan, name.start) for name in models):  # "what would it be without gpt-4o?"
        return None
    is_moved = scan.has("move") or bool((MOVING | BEFORE_TARGET - {"a"}) & found.words)
    if "spend" in found.measures and find_part(found) < 1 and not is_moved:
        return None  # "half of the cost of claude went away"
    target = _find_target(found, models)
    others = [name for name in scan.names if name is not target]
    return _build(found, _move(found, target.names[0].value), others)


def _move(found: Findings, model: str) -> Supposition:
    return Supposition(change=SupposedChange.MODEL, model=model, share=find_part(found))


def _find_unknown_source(scan: Scan) -> str | None:
    """Return what stands after "instead of" if it is no model of the log, so that it is not taken for all of them."""
    listed = {start: model for start, _, model in scan.listed_models}
    for place in (*listed, *scan.unknown_words):
        before = " ".join(token.text for token in scan.tokens[max(place - 4, 0) : place])
        if before.endswith(REPLACING) or any(
            before.endswith(f"{phrase} {a}") for phrase in REPLACING for a in ARTICLES
        ):
            return listed.get(place) or scan.tokens[place].raw
    return None


def _suggest_replaced(found: Findings) -> tuple[str, ...]:
    """Return the question for each of the log's dearest models."""
    names = (name for names in found.scan.vocabulary.by_tokens.values() for name in names)
    models = [name.value for name in names if name.dimension == "model"][:MAX_CHOICES]
    target = next((name.names[0].value for name in found.scan.names if name.names[0].dimension == "model"), None)
    target = target or next((model for _, _, model in found.scan.listed_models), None)
    return tuple(f"What if we used {target} instead of {model}?" for model in models if target and model != target)


def _find_target(found: Findings, models: Sequence[NameSpan]) -> NameSpan:
    """Return the model to move to: before "in place of", else after "to" or "on", else the last one."""
    tokens = found.scan.tokens
    for model in models:
        if " ".join(token.text for token in tokens[model.end : model.end + 3]).startswith(REPLACING):
            return model
    return next((m for m in models if m.start and tokens[m.start - 1].text in BEFORE_TARGET), models[-1])


def _read_replacement(found: Findings) -> Reading:
    """What if nightly-digest had stayed at its week 5 volume in week 6?"""
    times = sorted(found.list_points(), key=lambda time: time.start or date.min)
    where = get_scope(found, times=()).where
    parts = tuple(Part(label=label_period(time), query=Query(where=where, period=time.period)) for time in times)
    return Reading(kind=QuestionKind.WHAT_IF, parts=parts, supposition=Supposition(change=SupposedChange.REPLACE))


def _build(found: Findings, supposition: Supposition, names: Sequence[NameSpan]) -> Reading:
    times, later = split_later(found)
    scope = get_scope(found, names=names, times=times)
    query = Query(where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.WHAT_IF, query=query, supposition=supposition, horizon=later)


def _suggest_models(found: Findings) -> tuple[str, ...]:
    names = (name for names in found.scan.vocabulary.by_tokens.values() for name in names)
    return tuple(name.value for name in names if name.dimension == "model")[-3:]


def read_removal(found: Findings) -> Reading | None:
    """What would we save without failed requests? What they cost."""
    scan = found.scan
    if not scan.has("remove") or not (scan.has("failed") or FAILED_WORDS & found.words or "failures" in found.measures):
        return None
    scope = get_scope(found)
    where = tuple(each for each in scope.where if each.field != "status")
    query = Query(measures=("failed_spend", "failures"), where=where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query)
