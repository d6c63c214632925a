"""Questions of people who see their bill for the first time: goals, what is possible, last week, waiting, GPT, doubts.

Oracle: the rows of the log, and the levers."""

from decimal import Decimal
from pathlib import Path
from statistics import median

import pytest

from agents.answers.answer import AnswerKind
from tests.agents.answers.shop_log import ROWS, Row, Shop, between, open_shop, spend, write_log
from tests.agents.answers.test_savings_questions import get_figure, starts, write_retries
from tests.support.workloads.ingested_logs import ingest_log
from workloads.analysis.opening import open_analysis
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("shop") / "log"))


def test_a_level_is_held_against_the_confirmed_savings(tmp_path: Path) -> None:
    retries = open_shop(write_retries(tmp_path / "log"))
    found = retries.analyses[0].combine()
    left = found.spend - found.total
    assert found.total > 0
    within, beyond, above = (f"{each:.4f}" for each in (left + found.total / 2, left / 2, found.spend * 2))
    for question, words in {
        f"Can we get the bill down to ${within}?": "With the confirmed savings",
        f"How do we get below ${within}?": "With the confirmed savings",
        f"bring spend down to ${beyond}": "The confirmed savings don't reach",
        f"cut my spend to ${beyond}": "The confirmed savings don't reach",
        f"How do we get below ${above}?": "The log's spend is",
        f"Können wir die Rechnung auf {within} $ senken?": "With the confirmed savings",
        f"Peut-on ramener la facture à {beyond} $ ?": "The confirmed savings don't reach",
        f"¿Podemos bajar la factura a {within} $?": "With the confirmed savings",
    }.items():
        answer = retries.ask(question)
        assert starts(answer, words), (question, answer.text)
        assert get_figure(answer, "Spend with the confirmed savings") == left, question
    assert retries.ask("cut spend by $0.01").kind is AnswerKind.REPORT


def test_a_level_of_a_month_or_a_part_is_none_of_the_log(shop: Shop) -> None:
    october = spend(between("10-01", "10-31"))
    month = shop.ask("Can we get the bill down to $1 a month?")
    assert starts(month, "No.") and october in [each.value for each in month.figures]
    assert shop.ask("Can we get Research down to $1?").kind is AnswerKind.CLARIFY
    kept = shop.ask("cut spend to $1 without touching doc-search")  # a report, but no saving of $1
    assert kept.kind is AnswerKind.REPORT and "$1" not in str(kept.text)


def test_what_caching_could_save_is_the_levers(shop: Shop) -> None:
    for question in (
        "How much more could caching save?",
        "How much would caching save?",
        "Wie viel könnte Caching noch sparen?",
        "Combien le cache pourrait-il encore économiser ?",
        "¿Cuánto más podría ahorrar la caché?",
    ):
        answer = shop.ask(question)
        estimate = shop.analyses[0].estimate("prompt_cache")
        assert starts(answer, str(estimate.title)), question
        assert (answer.kind is AnswerKind.CANNOT) == (estimate.saving is None), question
    for question in ("How much has caching saved so far?", "How much did caching save?"):
        assert get_figure(shop.ask(question), "Saved by caching") > 0, question


def test_more_than_last_week_compares_it_with_the_one_before(shop: Shop) -> None:
    before, after = spend(between("10-26", "11-01")), spend(between("11-02", "11-08"))
    assert after > before
    for question, word in {
        "Are we spending more than last week?": "Yes.",
        "Did we spend less than last week?": "No.",
        "Is our spend higher than last week?": "Yes.",
        "Geben wir mehr aus als letzte Woche?": "Yes.",
        "Dépensons-nous plus que la semaine dernière ?": "Yes.",
        "¿Gastamos más que la semana pasada?": "Yes.",
    }.items():
        answer = shop.ask(question)
        assert starts(answer, word) and "2026-11-02 to 2026-11-08" in str(answer.text), question
        assert {before, after} <= {each.value for each in answer.figures}, question
    month = shop.ask("Are we spending more than last month?")
    assert starts(month, "Yes.") and spend(between("10-01", "10-31")) in [each.value for each in month.figures]
    assert shop.ask("Are we spending more than in October?").kind is AnswerKind.CLARIFY


def test_people_who_wait_are_no_column(shop: Shop) -> None:
    middle = median(row.latency for row in ROWS)
    for question in (
        "How long do people wait for an answer?",
        "How long do our customers have to wait?",
        "Wie lange warten die Leute auf eine Antwort?",
        "Wie lange müssen Nutzer auf eine Antwort warten?",
        "Combien de temps les gens attendent-ils une réponse ?",
        "¿Cuánto tiempo espera la gente una respuesta?",
    ):
        answer = shop.ask(question)
        assert [float(str(each.value)) for each in answer.figures] == [pytest.approx(middle)], question
    assert "user" in str(shop.ask("How long does each user wait?").tables[0].title)
    expected = shop.ask("¿Se espera que gastemos más en noviembre?")  # expecting is no waiting
    assert all("Latency" not in each.name for each in expected.figures)
    assert shop.ask("Wie viele Anfragen warten auf eine Antwort?").kind is not AnswerKind.ANSWER


def write_families(folder: Path) -> PricedLog:
    """Write a log of two families with a stated cost, whose requests cost the same each within a family."""
    folder.mkdir()
    lines = ["timestamp,model,provider,input_tokens,output_tokens,cost"]
    for day in range(1, 5):
        for model, maker in (("gpt-4o", "openai"), ("gpt-4.1", "openai"), ("claude-sonnet-4", "anthropic")):
            lines.append(f"2026-10-0{day}T10:00:00Z,{model},{maker},1000,200,0.01")
    out = ingest_log(folder, "\n".join(lines) + "\n").out
    (folder / "temp").mkdir()
    return open_analysis(out, folder / "temp", Assumptions())._priced_log


def test_families_are_compared_and_the_column_is_held_against(tmp_path: Path) -> None:
    families = open_shop(write_families(tmp_path / "log"))
    gpt = (Decimal("0.0045") + Decimal("0.0036")) / 2 / Decimal("1.2")  # (1,000 × $2.50 + 200 × $10, of gpt-4.1 less)
    for question in (
        "Compare Claude models with GPT on cost per 1,000 tokens",
        "Compare Claude with GPT on cost per 1,000 tokens",
        "Vergleiche Claude mit GPT nach Kosten pro 1.000 Token",
    ):
        answer = families.ask(question)
        values = [float(str(each.value)) for each in answer.figures]
        assert pytest.approx(float(gpt)) in values, (question, answer.text)
        assert not answer.notes or "GPT" not in str(answer.notes), question
    assert families.ask("Are you GPT?").kind is AnswerKind.TALK
    for question in (
        "Do your numbers agree with the spend column?",
        "Does your total match the file's cost?",
        "Stimmen deine Zahlen mit der Kostenspalte überein?",
        "Tes chiffres correspondent-ils à la colonne des coûts ?",
        "¿Coinciden tus cifras con la columna de coste?",
    ):
        answer = families.ask(question)
        assert Decimal("0.12") in [each.value for each in answer.figures], (question, answer.text)


def test_whether_anything_was_cached_begins_with_yes_or_no(shop: Shop, tmp_path: Path) -> None:
    cached = sum(row.cached for row in ROWS)
    for question in (
        "Was anything served from the cache?",
        "Were any requests cached?",
        "Wurde etwas aus dem Cache bedient?",
        "Est-ce que quelque chose a été servi depuis le cache ?",
        "¿Se sirvió algo desde la caché?",
    ):
        answer = shop.ask(question)
        assert starts(answer, "Yes.") and get_figure(answer, "Cached input tokens") == cached, question
        assert not answer.notes, question

    def is_fresh(row: Row) -> bool:
        return row.cached == 0

    fresh = open_shop(write_log(tmp_path / "log", is_fresh))
    assert starts(fresh.ask("Was anything served from the cache?"), "No.")
