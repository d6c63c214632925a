"""Questions that turn an answer before round, or ask for its cause or its steps. Oracle: the rows."""

from decimal import Decimal

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.language.questions import build_known_logs, load_grammar, read_question
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.vocabulary import fold_models
from tests.agents.answers.shop_log import PRICES, ROWS, Shop, between, open_shop, spend, spend_by, write_log
from tests.agents.language.small_log import DESCRIPTION, KNOWN, read

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def cost_at(model: str, target: str) -> Decimal:
    """Return what the requests of a model cost at the prices of another one."""
    price, cached, output = PRICES[target]
    rows = [row for row in ROWS if row.model == model]
    tokens = ((row.input - row.cached) * price + row.cached * cached + row.output * output for row in rows)
    return sum(tokens, Decimal(0)) / 1_000_000


def find_value(answer: Answer, name: str) -> object:
    return next(figure.value for figure in answer.figures if figure.name == name)


def test_the_other_way_round_is_from_the_other_model(shop: Shop) -> None:
    for asked, turned in (
        ("what would it cost to move everything from gpt-4o to gpt-4.1?", "and the other way round?"),
        ("Was würde gpt-4o mit gpt-4.1 kosten?", "Und umgekehrt?"),
        ("Combien coûterait gpt-4o avec gpt-4.1 ?", "Et l'inverse ?"),
        ("¿Cuánto costaría gpt-4o con gpt-4.1?", "¿Y al revés?"),
    ):
        answer = shop.ask(asked, turned)
        assert find_value(answer, "Cost as it was") == spend(lambda row: row.model == "gpt-4.1"), turned
        assert find_value(answer, "Cost if so") == cost_at("gpt-4.1", "gpt-4o"), turned
    unknown = shop.ask("What if we moved gpt-4o to o3?", "and the other way round?")
    assert unknown.kind is AnswerKind.CANNOT and not unknown.figures


def test_the_other_way_round_is_from_the_other_end(shop: Shop) -> None:
    sums = spend_by(lambda row: row.feature)
    for turned in ("and the other way round?", "sort it the other way round"):
        rows = shop.ask("Spend by feature", turned).tables[0].rows
        assert [row[0] for row in rows] == sorted(sums, key=sums.__getitem__), turned


def test_the_difference_of_a_comparison_is_explained(shop: Shop) -> None:
    change = spend(between("11-01", "11-30")) - spend(between("10-01", "10-31"))
    for asked, why in (
        ("compare October with November by team", "what's driving the difference?"),
        ("Vergleiche Oktober mit November nach Team", "Woran liegt der Unterschied?"),
        ("Compare octobre et novembre par équipe", "D'où vient la différence ?"),
        ("Compara octubre con noviembre por equipo", "¿A qué se debe?"),
    ):
        answer = shop.ask(asked, why)
        causes = next(table for table in answer.tables if str(table.title) == "What the difference is made of")
        assert float(sum(Decimal(str(row[1])) for row in causes.rows)) == pytest.approx(float(change), abs=1e-9), why


def test_why_after_one_period_is_against_the_one_before(shop: Shop) -> None:
    change = spend(between("10-01", "10-31")) - spend(between("09-01", "09-30"))
    assert change  # the log begins in September, so its month is not all there
    weeks = spend_by(lambda row: row.week)
    last = max(weeks)
    difference = weeks[last] - weeks[last - 1]
    for asked, why in (
        ("What did we spend last week?", "why?"),
        ("Was haben wir letzte Woche ausgegeben?", "Warum?"),
        ("Combien avons-nous dépensé la dernière semaine ?", "Pourquoi ?"),
        ("¿Cuánto gastamos la semana pasada?", "¿Por qué?"),
    ):
        causes = shop.ask(asked, why).tables[0]
        assert float(sum(Decimal(str(row[1])) for row in causes.rows)) == pytest.approx(float(difference)), why
    requests = shop.ask("how many requests last week?", "why?").tables[0]
    counted = [sum(int(str(row[at])) for row in requests.rows) for at in (1, 2)]
    assert counted == [sum(1 for row in ROWS if row.week == week) for week in (last - 1, last)]
    parts = shop.ask("What did we spend in October?", "why so much?").tables
    sums = spend_by(lambda row: row.feature, between("10-01", "10-31"))
    assert {row[0]: row[1] for row in parts[0].rows} == sums


def test_steps_and_risks_are_those_of_what_was_proposed(shop: Shop) -> None:
    grammar = load_grammar()
    report = Turn(reading=Reading(kind=QuestionKind.REPORT))
    for words in ("Is it safe?", "How do I do that?", "Ist das riskant?", "comment faire ?", "¿hay algún riesgo?"):
        reading = read_question(words, grammar, KNOWN, earlier=[report])
        assert (reading.kind, reading.topic) == (QuestionKind.TALK, "plan"), words
    tried = shop.ask("What if we moved gpt-4o to gpt-4.1?", "Is it safe?")
    assert tried.kind is AnswerKind.TALK and "Try it first" in str(tried.text)
    unclear = shop.ask("which team costs most?", "is it safe?")
    assert unclear.kind is AnswerKind.CLARIFY and not unclear.figures


def test_what_is_compared_with_a_name_is_what_was_named_before(shop: Shop) -> None:
    sums = spend_by(lambda row: row.model)
    first = max(sums, key=sums.__getitem__)
    other = next(name for name in sums if name != first)
    answer = shop.ask("which model costs most?", f"how does it compare to {other}?")
    assert {sums[first], sums[other]} <= {each for row in answer.tables[0].rows for each in row}
    assert shop.ask(f"how does it compare to {other}?").kind is AnswerKind.CLARIFY


def test_the_newest_of_a_family_of_the_price_list_is_supposed() -> None:
    models = fold_models(
        ("claude-3-5-haiku-latest", "claude-3-haiku", "claude-haiku-4-5", "claude-haiku-3-9", "x-flash", "y-flash")
    )
    known = build_known_logs([DESCRIPTION], models)
    for question in ("Would haiku have been cheaper?", "What would it cost with haiku?"):
        supposition = read(question, known=known).supposition
        assert supposition is not None and supposition.model == "claude-haiku-4-5", question
    assert read("would flash be cheaper?", known=known).supposition is None  # of x or of y
