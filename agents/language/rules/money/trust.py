"""How far figures can be trusted: "how accurate are these figures?", "where do the prices come from?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from workloads.query.query import Query

STATED_QUERY = Query(measures=("stated_spend", "checked_spend"))
RIGHT = frozenset(
    (
        *(
            "accurate",
            "accuracy",
            "reliable",
            "precise",
            "exact",
            "trustworthy",
            "trust",
            "correct",
            "right",
            "certain",
        ),
        *("genau", "verlasslich", "zuverlassig", "trauen", "vertrauen", "stimmen", "korrekt", "richtig"),
        *("fiable", "fiables", "precis", "precise", "exacts", "exact", "justes", "confiance"),
        *("fiable", "fiables", "exactas", "precisas", "correctas", "confiar", "exactos", "correctos"),
    )
)
FIGURES = frozenset(
    (
        *("figure", "figures", "number", "numbers", "result", "results", "this", "that", "calculation", "calculations"),
        *("zahlen", "zahl", "ergebnisse", "ergebnis", "berechnung", "dem", "darauf"),
        *("chiffres", "chiffre", "resultats", "calculs", "cifras", "cifra", "numeros", "resultados", "calculos"),
    )
)
ANSWERS = frozenset(
    ("answer", "answers", "model", "models", "response", "responses", "antworten", "reponses", "respuestas")
)
"""Words of questions for the quality of what models write."""


def read_trust(found: Findings) -> Reading | None:
    """Return what was read and priced, and how the log's own cost compares."""
    scan, words = found.scan, found.words
    is_bare = not (
        scan.names or found.groups or found.thresholds or scan.times or scan.has("why", "what_if", "compare")
    )
    is_trust = bool(RIGHT & words) and bool(FIGURES & words) and not ANSWERS & words
    is_other = bool(set(scan.list_names("cannot")) - {"quality"})  # "delete my logs, I don't trust this"
    if not is_bare or is_other or not (scan.has("trust") or (is_trust and set(found.measures) <= {"spend"})):
        return None
    return Reading(kind=QuestionKind.TRUST, query=STATED_QUERY)
