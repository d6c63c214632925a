"""Questions of the person who pays the bill about reasons, rates and what happened. Oracle: the rows."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.language.rules.details.causes import explain_group
from tests.agents.answers.shop_log import ROWS, SPIKE, Row, Shop, between, count, open_shop, spend, spend_by, write_log
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions
from workloads.query.query import Order, Query

pytestmark = pytest.mark.slow

MARKED = """created_at,model,tokens_prompt,tokens_completion,cancelled,generation_id,cost_total
2026-11-01T10:00:00Z,gpt-4o,1000000,0,false,g1,{first}
2026-11-01T11:00:00Z,gpt-4o,1000000,0,true,g2,2.5
2026-11-02T10:00:00Z,gpt-4o-mini,1000000,0,false,g3,0.15
2026-11-03T10:00:00Z,gpt-4o-mini,1000000,0,true,g4,0.15
2026-11-04T10:00:00Z,gpt-4o-mini,1000000,0,false,g5,0.15
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def open_lines(folder: Path, lines: str) -> Shop:
    folder.mkdir()
    out = ingest_log(folder, lines).out
    (folder / "temp").mkdir()
    return open_shop(open_analysis(out, folder / "temp", Assumptions())._priced_log)


def get_values(answer: Answer) -> list[Any]:
    return [figure.value for figure in answer.figures]


def is_near(value: object, expected: Decimal | float) -> bool:
    return float(str(value)) == pytest.approx(float(expected))


def test_the_first_of_a_ranking_is_explained(shop: Shop) -> None:
    by_day = spend_by(lambda row: row.day)
    before, after = by_day[SPIKE - timedelta(days=1)], by_day[SPIKE]
    assert after == max(by_day.values())
    for conversation in (
        ("Which day was the most expensive, and why?",),
        ("Which day was the most expensive?", "why?"),
        ("why was the most expensive day so expensive?",),
        ("Welcher Tag war am teuersten, und warum?",),
        ("Quel jour a été le plus cher, et pourquoi ?",),
        ("¿Qué día fue el más caro y por qué?",),
    ):
        answer = shop.ask(*conversation)
        values = get_values(answer)
        assert answer.kind is AnswerKind.ANSWER, conversation
        assert after - before in values and before in values, conversation
        assert "doc-search rose most" in answer.text, conversation
        effects = next(table for table in answer.tables if str(table.title) == "What the difference is made of")
        assert sum(Decimal(str(row[1])) for row in effects.rows) == after - before, conversation


def test_a_monday_is_compared_with_the_monday_before_not_with_a_sunday() -> None:
    monday = date(2026, 11, 2)
    days = {monday - timedelta(days=back) for back in range(8)}
    query = Query(by=("day",), order=Order(by="spend"))
    for known, before in ((days, monday - timedelta(days=7)), (days - {monday - timedelta(days=7)}, date(2026, 11, 1))):
        cause = explain_group(query, datetime.combine(monday, time()), frozenset(), known)
        assert [part.label for part in cause.parts] == [before.isoformat(), monday.isoformat()]


def test_a_name_or_a_rate_that_comes_first_is_taken_apart(shop: Shop) -> None:
    team = max(spend_by(lambda row: row.team).items(), key=lambda item: item[1])
    answer = shop.ask("Which team is the most expensive, and why?")
    parts = spend_by(lambda row: row.feature, lambda row: row.team == team[0])
    assert {row[0]: row[1] for row in answer.tables[1].rows} == parts
    errors = shop.ask("Which day had the most errors, and why?")
    assert (
        "spend" not in errors.text.lower() and [str(c.name) for c in errors.tables[1].columns][1] == "Failed requests"
    )


def test_a_change_between_two_answers_is_explained(shop: Shop) -> None:
    october, november = spend(between("10-01", "10-31")), spend(between("11-01", "11-30"))
    for conversation in (
        ("Compare October with November", "why did it change?"),
        ("How did spend change from October to November, and why?",),
        ("What did we spend in October?", "and in November?", "why did it change?"),
        ("spend by team in October and November", "why did it change?"),
        ("spend in October and in November", "warum?"),
    ):
        values = get_values(shop.ask(*conversation))
        assert november - october in values and {october, november} <= set(values), conversation
    rate = shop.ask("How did the error rate change from October to November?", "why?")
    assert str(rate.tables[0].title) == "Failed requests by error"
    cost = shop.ask("Compare cost per request in October and November", "why did it change?")
    assert str(cost.tables[0].title) == "Cost per request by feature"


def test_prices_of_many_and_of_one(shop: Shop) -> None:
    spent = spend_by(lambda row: row.model)
    models = sorted(spent)
    requests = Counter(row.model for row in ROWS)
    tokens: Counter[str] = Counter()
    for row in ROWS:
        tokens[row.model] += row.input + row.output

    def rate(scale: int, *, is_token: bool = False) -> dict[str, float]:
        counted = tokens if is_token else requests
        return {name: float(spent[name]) * scale / counted[name] for name in models}

    for question, expected in {
        "Cost per 1,000 requests by model": rate(1_000),
        "spend per thousand calls by model": rate(1_000),
        "cost per 1k requests by model": rate(1_000),
        "Kosten pro 1.000 Anfragen nach Modell": rate(1_000),
        "coût pour 1 000 requêtes par modèle": rate(1_000),
        "coste por cada 1000 peticiones por modelo": rate(1_000),
        "cost per million requests by model": rate(1_000_000),
        "Kosten pro Million Anfragen nach Modell": rate(1_000_000),
        "coût par million de requêtes par modèle": rate(1_000_000),
        "coste por millón de peticiones por modelo": rate(1_000_000),
        "cost per 1k tokens by model": rate(1_000, is_token=True),
        "cost per 1M tokens by model": rate(1_000_000, is_token=True),
        "cost per request by model": rate(1),
    }.items():
        answer = shop.ask(question)
        assert [len(row) for row in answer.tables[0].rows] == [2] * len(models), question
        assert all(is_near(row[1], expected[str(row[0])]) for row in answer.tables[0].rows), question
        assert not any("Not understood" in note for note in answer.notes), question
    one = spend(lambda row: row.feature == "chat-help") / count(lambda row: row.feature == "chat-help")
    for question in (
        "what did one chat-help request cost?",
        "what does a single chat-help call cost?",
        "was kostet eine chat-help Anfrage?",
    ):
        (value,) = get_values(shop.ask(question))
        assert is_near(value, one), question


def test_what_is_said_not_to_be_so_is_the_others(shop: Shop) -> None:
    def succeeded(row: Row) -> bool:
        return not row.error

    for question in (
        "How many requests did not fail?",
        "How many requests didn't fail?",
        "wie viele Anfragen sind nicht fehlgeschlagen?",
    ):
        assert get_values(shop.ask(question)) == [count(succeeded)], question
    assert get_values(shop.ask("What did Support cost without the errors?")) == [
        spend(lambda row: succeeded(row) and row.team == "Support")
    ]
    assert any("since when" in note for note in shop.ask("Who spent more than $0.5 and since when?").notes)
    assert get_values(shop.ask("How many requests were rate limited?")) == [count(lambda row: row.error == "RateLimit")]


def test_requests_without_an_error_are_no_kind_of_error(shop: Shop) -> None:
    answer = shop.ask("How many errors were there?", "Which errors were they?")
    expected = dict(Counter(row.error for row in ROWS if row.error))
    assert {row[0]: row[1] for row in answer.tables[0].rows} == expected
    assert "No value" not in answer.text


def test_what_happened_tells_the_change_and_unusual_days(shop: Shop) -> None:
    week, before = between("10-19", "10-25"), between("10-12", "10-18")
    failed = count(lambda row: week(row) and bool(row.error))
    for question in (
        "What happened in the week of 19 October?",
        "Was ist vom 19. bis 25. Oktober passiert?",
        "What happened from 19 October to 25 October?",
    ):
        answer = shop.ask(question)
        values = get_values(answer)
        assert values[:3] == [spend(week), count(week), failed], question
        assert spend(week) - spend(before) in values, question
        assert SPIKE.isoformat() in answer.text, question
    first = shop.ask("What happened in the week of 14 September?")
    assert "rose" not in first.text and "fell" not in first.text  # the log has nothing before


def test_since_when_is_the_first_day(shop: Shop) -> None:
    def first_days(key: str) -> dict[str, tuple[str, str]]:
        days: dict[str, list[date]] = {}
        for row in ROWS:
            days.setdefault(getattr(row, key), []).append(row.day)
        return {name: (min(found).isoformat(), max(found).isoformat()) for name, found in days.items()}

    for question, key in {
        "Which models do we use, and since when?": "model",
        "Which features do we have and since when?": "feature",
        "Welche Modelle nutzen wir, und seit wann?": "model",
        "Quels modèles utilisons-nous, et depuis quand ?": "model",
        "¿Qué modelos usamos y desde cuándo?": "model",
    }.items():
        answer = shop.ask(question)
        assert {row[0]: (row[1], row[2]) for row in answer.tables[0].rows} == first_days(key), question
    assert "night-report since 2026-10-12" in shop.ask("since when do we use night-report?").text


def test_what_the_log_lacks_has_no_figure_and_a_choice(shop: Shop) -> None:
    for question, offered in {
        "What does the moon cost?": "Spend by feature",
        "Was kostet der Mond?": "Ausgaben nach Funktion",
        "Combien coûte la lune ?": "Dépenses par fonctionnalité",
        "¿Cuánto cuesta la luna?": "Gasto por función",
    }.items():
        answer = shop.ask(question)
        assert (answer.kind, answer.figures) == (AnswerKind.CANNOT, ()), question
        assert answer.suggestions[0] == offered, question


def test_a_week_is_named_as_one(shop: Shop) -> None:
    assert shop.ask("Which week was the most expensive?").text.startswith("The week from 2026-10-19 has the highest")
    again = shop.ask("Which week was the cheapest?", "and the second cheapest?")
    cheapest = sorted(spend_by(lambda row: row.day - timedelta(days=row.day.weekday())).items(), key=lambda i: i[1])[1]
    assert again.text.startswith(f"The week from {cheapest[0].isoformat()} is number 2")
    assert str(shop.ask("spend by Feature").tables[0].title) == "Spend by feature"
    slow = shop.ask("the 3 slowest requests")
    assert [str(column.name) for column in slow.tables[0].columns][:3] == ["Time", "Latency", "Spend"]


def test_marks_are_counted_and_the_stated_cost_is_compared(tmp_path: Path) -> None:
    marked = open_lines(tmp_path / "same", MARKED.format(first="2.5"))
    counted: dict[str, list[Any]] = {
        "How many generations were cancelled?": [Decimal("0.4"), 2, 5],
        "What share of requests was cancelled?": [Decimal("0.4"), 2, 5],
        "How many requests were not cancelled?": [Decimal("0.6"), 3, 5],
        "what did cancelled requests cost?": [Decimal("2.65") / Decimal("5.45"), Decimal("2.65"), Decimal("5.45")],
    }
    for question, expected in counted.items():
        answer = marked.ask(question)
        assert all(is_near(a, b) for a, b in zip(get_values(answer), expected, strict=True)), (question, answer.text)
    assert marked.ask("Were any requests cancelled?").text.startswith("Yes. Requests: 2, 40.0% of 5.")
    assert "“cancelled: false”" in marked.ask("spend by cancelled").text
    by_model = marked.ask("cancelled requests by model").tables[0].rows
    assert {row[0]: row[1] for row in by_model} == {"gpt-4o": 1, "gpt-4o-mini": 1}
    other = open_lines(tmp_path / "more", MARKED.format(first="3.5"))
    for question in (
        "Does the spend in the log match your figure?",
        "Stimmt der Betrag im Log mit deiner Berechnung überein?",
        "Le coût du journal correspond-il à votre calcul ?",
        "¿Coincide el coste del registro con tu cálculo?",
    ):
        same, more = marked.ask(question), other.ask(question)
        assert same.text.startswith("Yes. The log states $5.45; tokens × price gives $5.45."), question
        assert more.text.startswith("No. The log states $6.45, $1.00 (18.3%) more than tokens × price: $5.45."), (
            question
        )
        assert get_values(more)[:3] == [Decimal("6.45"), Decimal("5.45"), Decimal(1)], question


def test_a_log_without_a_price_or_a_stated_cost_says_so(shop: Shop, tmp_path: Path) -> None:
    unstated = shop.ask("Does the spend in the log match your figure?")
    assert (unstated.kind, unstated.figures) == (AnswerKind.CANNOT, ())
    assert "states no cost" in unstated.text
    lines = MARKED.format(first="").replace("gpt-4o", "homemade").replace(",cost_total", "")
    unpriced = open_lines(
        tmp_path / "unpriced",
        "\n".join(line.rpartition(",")[0] if i else line for i, line in enumerate(lines.splitlines())) + "\n",
    )
    for question in ("what did we spend?", "thanks", "requests by model"):
        asks = unpriced.ask(question).suggestions
        assert asks and not any("spend" in ask.lower() or "save" in ask for ask in asks), question
