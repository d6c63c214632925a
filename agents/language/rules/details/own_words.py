"""Words that are part of some kinds of questions, though no lexicon knows them."""

from agents.language.limits import TIMES
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.details.cached import CACHE_MEASURES, CACHED_WORDS
from agents.language.rules.details.contrasts import DIFFERENCES
from agents.language.rules.details.events import STATED, STATED_WORDS
from agents.language.rules.details.quotients import BUYING
from agents.language.rules.money.levels import LEVEL_WORDS
from agents.language.rules.money.savings import POSSIBLE_WORDS, PROMPT_CACHE

LIMITED = frozenset({QuestionKind.SAVINGS, QuestionKind.BUDGET})


def list_own_words(reading: Reading) -> frozenset[str]:
    """Return the words that asked for this kind of reading, and are no part of its query."""
    words: frozenset[str] = frozenset()
    if reading.topic == STATED:
        words |= STATED_WORDS
    if reading.topic == PROMPT_CACHE:
        words |= POSSIBLE_WORDS
    if reading.exists and reading.query.measures == CACHE_MEASURES:
        words |= CACHED_WORDS
    if reading.quotient is not None:
        words |= BUYING
    if reading.contrast is not None:
        words |= TIMES | DIFFERENCES
    return words | LEVEL_WORDS if reading.kind in LIMITED and reading.goal_usd is not None else words
