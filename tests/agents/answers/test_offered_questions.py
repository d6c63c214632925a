"""What an answer offers to click: in the language of the question, and understood when it is clicked."""

from dataclasses import fields
from string import Formatter

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.answers.spoken_asks import ASKS, OTHERS, say_ask
from agents.language.lexicon import LANGUAGES
from agents.language.questions import read_question
from agents.language.reading import Reading, Turn
from tests.agents.answers.shop_log import GRAMMAR, Shop, open_shop, write_log

pytestmark = pytest.mark.slow

VALUES = {
    "by": "model",
    "by2": "team",
    "many": "features",
    "target": "gpt-4.1",
    "day": "2026-10-01",
    "end": "2026-10-31",
    "number": "2",
}
BEFORE = {
    "en": "Spend by user",
    "de": "Ausgaben nach Nutzer",
    "fr": "Dépenses par utilisateur",
    "es": "Gasto por usuario",
}
SAID = frozenset({"unread", "language", "is_fragment", "exists", "whether", "singular", "rest", "premise"})
"""What the words of a language may tell apart without another figure."""

ASKED = {
    "en": (
        "Spend by model",
        "What did chat-help cost in October?",
        "Which is the cheapest?",
        "Which model is best?",
        "Which features are new?",
        "What if something changed?",
        "How good were the answers?",
        "Compare with last month",
        "How many retries were there?",
        "Who only uses gpt-4o?",
        "Spend on gpt-4.2",
        "What if prompts were 10% shorter?",
    ),
    "de": (
        "Ausgaben nach Modell",
        "Was hat chat-help im Oktober gekostet?",
        "Welches ist das günstigste?",
        "Welches Modell ist am besten?",
        "Welche Funktionen sind neu?",
        "Wie gut waren die Antworten?",
        "Ausgaben für gpt-4.2",
    ),
    "fr": (
        "Dépenses par modèle",
        "Combien a coûté chat-help en octobre ?",
        "Quel est le moins cher ?",
        "Quelles fonctionnalités sont nouvelles ?",
        "Dépenses de gpt-4.2",
    ),
    "es": (
        "Gasto por modelo",
        "¿Cuánto costó chat-help en octubre?",
        "¿Cuál es el más barato?",
        "¿Qué funciones son nuevas?",
        "Gasto de gpt-4.2",
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def fill(ask: str) -> str:
    name = "gpt-4o" if "instead of" in ask or "only" in ask else "chat-help"
    names = [field for _, field, _, _ in Formatter().parse(ask) if field]
    return ask.format(**{field: {**VALUES, "name": name}[field] for field in names})


def read(shop: Shop, ask: str, language: str) -> Reading:
    """Return what a question asks for, and one that changes another what it makes of it."""
    is_follow_up = ask[0].islower() or ask.startswith(("And ", "As a", "Und ", "Als ", "Et ", "En ", "¿Y por"))
    first = Turn(reading=read_question(BEFORE[language], GRAMMAR, shop.known))
    return read_question(ask, GRAMMAR, shop.known, earlier=[first] if is_follow_up else [])


def test_every_offered_question_means_the_same_in_each_language(shop: Shop) -> None:
    for ask in map(fill, ASKS):
        wanted = read(shop, ask, "en")
        assert not wanted.unread, ask
        for language in OTHERS:
            spoken = say_ask(ask, language)
            found = read(shop, spoken, language)
            told = {each.name for each in fields(Reading) if getattr(found, each.name) != getattr(wanted, each.name)}
            assert told <= SAID, (spoken, {name: (getattr(found, name), getattr(wanted, name)) for name in told - SAID})
            assert not found.unread, spoken
            assert found.language == language, spoken


def list_offered(answer: Answer) -> tuple[str, ...]:
    chips = (option.ask for chip in answer.understood for option in chip.options)
    return (*(each.ask for each in answer.choices), *answer.suggestions, *chips)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_offered_is_understood_when_it_is_clicked(shop: Shop, language: str) -> None:
    for question in ASKED[language]:
        answer = shop.ask(question)
        offered = list_offered(answer)
        assert offered, question
        for ask in offered:
            clicked = shop.ask(question, ask)
            assert clicked.kind in (AnswerKind.ANSWER, AnswerKind.REPORT), (question, ask, clicked.text)
            assert "Not understood" not in str(clicked.notes), (question, ask, clicked.notes)


def test_what_is_offered_is_in_the_language_of_the_question(shop: Shop) -> None:
    english = frozenset(("spend", "which", "what", "how", "requests", "cost", "instead", "the", "and"))
    for language in OTHERS:
        for question in ASKED[language]:
            for ask in list_offered(shop.ask(question)):
                assert english.isdisjoint(ask.lower().replace("?", "").split()), (question, ask)
