"""What happened in a time, "what happened in the first week of November?": its figures, the change from the time
before with its causes, and its unusual days; and whether the log's own cost is the computed one."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.period_pairs import build_time_parts
from agents.language.scope import get_scope
from agents.language.tokens import fold
from workloads.query.query import Query

FIGURES = ("spend", "requests")
PAIR = 2

STATED = "stated"
"""The topic of a comparison of the log's own cost with the computed one."""

MATCHING = frozenset(
    (
        *(
            "match",
            "matches",
            "agree",
            "agrees",
            "reconcile",
            "reconciles",
            "tally",
            "tallies",
            "equal",
            "equals",
            "same",
        ),
        *(
            "correct",
            "confirm",
            "confirms",
            "differ",
            "differs",
            "deviate",
            "deviates",
            "compare",
            "compares",
            "higher",
            "lower",
            "above",
            "below",
        ),
        *("stimmt", "stimmen", "uberein", "ubereinstimmen", "gleich", "deckt", "passt"),
        *(
            "correspond",
            "correspondent",
            "concorde",
            "concordent",
            "egal",
            "coincide",
            "coinciden",
            "cuadra",
            "cuadran",
        ),
    )
)
LOG_WORDS = frozenset(
    (
        *("log", "logs", "file", "export", "stated", "gateway", "datei", "fichier", "journal", "archivo", "registro"),
        *("column", "columns", "spalte", "kostenspalte", "ausgabenspalte", "colonne", "columna"),
    )
)
OWN_WORDS = frozenset(
    (
        *("your", "yours", "you", "netra", "computed", "calculated", "ours", "list"),
        *("deine", "deiner", "deinem", "ihre", "ihrer", "ihrem", "euer", "eurer", "berechnet", "berechneten"),
        *("votre", "vos", "ton", "tes", "calcule", "tu", "tus", "su", "sus", "calculado"),
    )
)
SAYING = frozenset({"says", "states", "claims", "reports", "sagt", "nennt", "dit", "indique", "dice", "indica"})
MONEY_WORDS = frozenset(
    (
        *("figure", "figures", "amount", "amounts", "number", "numbers", "total", "calculation"),
        *("betrag", "betrage", "summe", "zahl", "zahlen", "berechnung", "kosten", "montant", "calcul", "importe"),
        *("calculo", "chiffre", "chiffres", "cifra", "cifras", "numeros"),
    )
)
STATED_WORDS = MATCHING | LOG_WORDS | OWN_WORDS | MONEY_WORDS | SAYING
"""Words with a part in a question for the stated cost."""

DIRECTED = frozenset({"higher", "lower", "above", "below", "differ", "differs", "deviate", "deviates", "compare"})
"""Words of questions to which "yes" does not mean that both are the same."""

STATED_QUERY = ("stated_spend", "checked_spend")


def read_events(found: Findings) -> Reading | None:
    found = _join_ends(found)
    scan, points = found.scan, found.list_points()
    is_open = not (found.measures or found.groups or found.thresholds or found.counted_dimensions)
    if not scan.has("happened") or not is_open or len(points) != 1 or None in (points[0].start, points[0].end):
        return None
    scope = get_scope(found)
    failures = ("failures",) if "status" in scan.vocabulary.dimensions else ()
    query = Query(measures=(*FIGURES, *failures), where=scope.where, period=scope.period)
    parts = build_time_parts(found)
    is_whole = len(parts) == PAIR and (start := parts[0].query.period.start) and start.date() >= found.extent.first
    change = (Reading(kind=QuestionKind.EXPLAIN, parts=parts),) if is_whole else ()
    unusual = Reading(
        kind=QuestionKind.ANOMALIES,
        query=Query(measures=("spend",), where=scope.where),
        claim=Query(period=scope.period),
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, rest=(*change, unusual))


def _join_ends(found: Findings) -> Findings:
    """Return the findings with "from 19 to 25 October" as one period, not as its two ends."""
    times = [
        time.narrow(time.start, time.end) if time.ends and time.start and time.end else time
        for time in found.scan.times
    ]
    return replace(found, scan=replace(found.scan, times=times))


def read_stated_spend(found: Findings) -> Reading | None:
    """Does the spend in the log match your figure? Both, for the requests that have both."""
    scan, words = found.scan, frozenset(fold(token.raw) for token in found.scan.tokens)
    is_money = bool({"spend", "logged_spend"}.intersection(found.measures)) or bool(words & MONEY_WORDS)
    is_match = bool(MATCHING & words) and bool(LOG_WORDS & words) and bool((OWN_WORDS | SAYING) & words)
    if not is_money or not is_match or found.groups or found.thresholds or scan.has("what_if", "both_logs", "report"):
        return None
    scope = get_scope(found)
    query = Query(measures=STATED_QUERY, where=scope.where, period=scope.period)
    premise = "directed" if words & DIRECTED else ""
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=STATED, premise=premise)
