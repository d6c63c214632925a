"""The description of a small log to ask about, and how a question about it is read."""

from collections.abc import Mapping
from datetime import date

from agents.language.questions import KnownLogs, build_known_logs, load_grammar, read_question
from agents.language.reading import Reading, Turn
from agents.language.vocabulary import fold_models
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import MEASURES
from workloads.query.values import DescribedDimension, LogDescription


def describe(values: Mapping[str, tuple[str, ...]], first: date | None, last: date | None) -> LogDescription:
    """Return the description of a log with these names."""
    dimensions = tuple(
        DescribedDimension(
            name=name, title=DIMENSIONS[name].title, kind=DIMENSIONS[name].kind, kept=False, private=False, values=names
        )
        for name, names in values.items()
    )
    return LogDescription(
        dimensions=dimensions, measures=tuple(MEASURES), missing=(), first=first, last=last, rows=100, sums=False
    )


DESCRIPTION = describe(
    {
        "model": ("opus-9", "mini-2", "mini-2-fast"),
        "provider": ("acme", "zenith"),
        "feature": ("invoice-reader", "chat-help", "night-job"),
        "team": ("Sales", "Finance"),
        "user": ("mira", "otto", "job-bot"),
        "error": ("RateLimitError", "Timeout"),
        "status": (),
        "streaming": (),
    },
    date(2026, 3, 2),
    date(2026, 4, 15),
)
"""Monday, 2 March to Wednesday, 15 April 2026."""

GRAMMAR = load_grammar()
KNOWN = build_known_logs([DESCRIPTION], fold_models(["opus-9", "giant-1"]))


def read(question: str, *earlier: str, known: KnownLogs = KNOWN) -> Reading:
    """Return what the last question asks for, after the earlier ones."""
    turns: list[Turn] = []
    for each in earlier:
        turns.append(Turn(reading=read_question(each, GRAMMAR, known, earlier=turns)))
    return read_question(question, GRAMMAR, known, earlier=turns)
