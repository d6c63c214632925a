"""Whether two figures have to do with each other, "does latency depend on the length of prompts?": no figure says so,
and both figures by group show it."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from core.i18n.text import text

PAIR = 2
BY_GROUP: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": ("{one} and {other} by model", "{one} and {other} by feature", "{one} and {other} by day"),
        "de": ("{one} und {other} nach Modell", "{one} und {other} nach Funktion", "{one} und {other} pro Tag"),
        "fr": ("{one} et {other} par modèle", "{one} et {other} par fonctionnalité", "{one} et {other} par jour"),
        "es": ("{one} y {other} por modelo", "{one} y {other} por función", "{one} y {other} por día"),
    }
)
"""Questions for both figures by what most logs have, in each language."""


def read_relation(found: Findings) -> Reading | None:
    scan = found.scan
    spans = {span.concept.name: span for span in scan.iter_spans("measures")}
    if not scan.has("relation") or len(spans) < PAIR or found.groups or scan.has("why"):
        return None
    first, second = list(spans.values())[:PAIR]
    message = text(
        "I don't compute whether two figures go together. Side by side, by model or by day, they show whether one "
        "rises with the other."
    )
    asked = BY_GROUP.get(scan.lexicon.language, BY_GROUP["en"])
    one, other = scan.quote(first.start, first.end), scan.quote(second.start, second.end)
    choices = tuple(each.format(one=one, other=other) for each in asked)
    return Reading(kind=QuestionKind.CANNOT, topic="relation", message=message, choices=choices)
