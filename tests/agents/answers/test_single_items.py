"""What one of something costs, which requests are the longest, and who uses what. Oracle: the rows."""

from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from tests.agents.answers.shop_log import ROWS, Row, Shop, count, open_shop, spend, spend_by, write_log

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def get_first(answer: Answer) -> Decimal:
    return Decimal(str(answer.figures[0].value))


def list_values(answer: Answer) -> list[float]:
    return [float(str(figure.value)) for figure in answer.figures]


def test_one_answer_is_a_request(shop: Shop) -> None:
    def is_search(row: Row) -> bool:
        return row.feature == "doc-search"

    expected = float(spend(is_search) / count(is_search))
    for question in (
        "How much does one doc-search answer cost?",
        "what does a doc-search reply cost?",
        "Combien coûte une réponse doc-search ?",
        "¿Cuánto cuesta una respuesta de doc-search?",
    ):
        assert float(get_first(shop.ask(question))) == pytest.approx(expected), question
    for question in ("How much does one lookup cost?", "What does one doc-search lookup cost?"):
        assert shop.ask(question).kind in (AnswerKind.CANNOT, AnswerKind.CLARIFY), question


def test_one_member_is_the_mean_of_them(shop: Shop) -> None:
    users = spend_by(lambda row: row.user)
    mean = pytest.approx(float(sum(users.values()) / len(users)))
    for questions in (
        ("How many users are there and what does one cost?",),
        ("How many users are there?", "and what does one cost?"),
        ("How much does one user cost?",),
        ("What is the cost per active user?",),
        ("Kosten pro aktivem Nutzer",),
        ("Coût par utilisateur actif",),
        ("coste por usuario activo",),
    ):
        assert mean in list_values(shop.ask(*questions)), questions
    counted = shop.ask("How many requests are there and what does one cost?")
    assert pytest.approx(float(spend() / count())) in list_values(counted)


def test_a_mean_and_the_highest_are_both_answered(shop: Shop) -> None:
    users = spend_by(lambda row: row.user)
    for question in (
        "What did an average user cost, and the most expensive one?",
        "Was kostet ein durchschnittlicher Nutzer und der teuerste?",
        "Combien coûte un utilisateur moyen, et le plus cher ?",
    ):
        answer = shop.ask(question)
        values = list_values(answer)
        assert pytest.approx(float(sum(users.values()) / len(users))) in values, question
        assert pytest.approx(float(max(users.values()))) in values, question


def test_the_longest_prompt_has_the_most_tokens(shop: Shop) -> None:
    longest, written = max(ROWS, key=lambda row: row.input), max(ROWS, key=lambda row: row.output)
    asked = shop.ask("What's the longest prompt and which feature was it?")
    assert longest.feature in str(asked.text)
    for question in ("What's the longest prompt?", "Was ist der längste Prompt?"):
        columns, row = (shop.ask(question).tables[0].columns, shop.ask(question).tables[0].rows[0])
        assert row[[str(each.name) for each in columns].index("Input tokens")] == longest.input, question
    for question in (
        "longest answer",
        "Was war die längste Antwort?",
        "Quelle est la réponse la plus longue ?",
        "¿Cuál es la respuesta más larga?",
    ):
        table = shop.ask(question).tables[0]
        assert table.rows[0][[str(each.name) for each in table.columns].index("Output tokens")] == written.output
    shortest = shop.ask("the 3 shortest prompts of chat-help").tables[0]
    inputs = [row[[str(each.name) for each in shortest.columns].index("Input tokens")] for row in shortest.rows]
    assert inputs == sorted(row.input for row in ROWS if row.feature == "chat-help")[:3]


def test_who_uses_what(shop: Shop) -> None:
    def use(model: str) -> set[str]:
        return {row.team for row in ROWS if row.model == model}

    mini, four = use("gpt-4.1"), use("gpt-4o")
    teams = {row.team for row in ROWS}
    for question, expected in {
        "which teams use gpt-4o?": four,
        "Welche Teams nutzen gpt-4o?": four,
        "Quelles équipes utilisent gpt-4o ?": four,
        "¿Qué equipos usan gpt-4o?": four,
        "which teams use both gpt-4o and gpt-4.1?": four & mini,
        "which teams use gpt-4o and gpt-4.1?": four & mini,
        "which teams use gpt-4o or gpt-4.1?": four | mini,
        "Welche Teams nutzen sowohl gpt-4o als auch gpt-4.1?": four & mini,
        "which teams use gpt-4o but not gpt-4.1?": four - mini,
        "which teams don't use gpt-4o?": teams - four,
    }.items():
        answer = shop.ask(question)
        assert {row[0] for row in answer.tables[0].rows} == expected, question
        assert answer.figures[0].value == len(expected), question
    assert 0 < len(four & mini) < len(four | mini)


def test_savings_beside_a_ranking_are_offered_and_never_dropped(shop: Shop) -> None:
    answer = shop.ask("What are the top 3 cost drivers and how much would each save?")
    assert "savings report" in str(answer.text)
    assert answer.tables
    assert "Where can we save?" in answer.suggestions
    assert str(shop.ask("Top 3 users, and what could we save on each?").text).startswith("Look at these first: ")
