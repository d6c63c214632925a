"""Numbers of a text that no result of the run backs are found, however they are written."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from agents.answers.backing.known_figures import KnownFigures, build_known_figures
from agents.answers.backing.matching import find_unbacked_numbers
from agents.answers.backing.quantities import MAX_QUANTITIES
from agents.answers.backing.result_tables import MAX_VALUES
from core.i18n.text import FormattedNumber, Text, text

ANSWER = {
    "figures": [
        {"name": "Spend (total)", "value": "1234.56", "unit": "usd", "basis": "observed"},
        {"name": "Change", "value": "-0.314", "unit": "share", "basis": "observed"},
        {"name": "Latency p95", "value": "2345.6", "unit": "ms", "basis": "observed"},
    ],
    "tables": [
        {
            "title": "Spend by model",
            "columns": [
                {"name": "Model", "unit": ""},
                {"name": "Spend", "unit": "usd"},
                {"name": "Requests", "unit": "requests"},
            ],
            "rows": [["gpt-4o", "812.34", 15021], ["claude-sonnet-4-5", "300.10", 2210], ["o3-mini", "122.12", 998]],
        }
    ],
}
KNOWN = build_known_figures([ANSWER, {"from": "2026-10-01"}])


def find(words: str, language: str = "en", known: KnownFigures = KNOWN) -> list[str]:
    return [each.text for each in find_unbacked_numbers(words, known, language=language)]


@pytest.mark.parametrize(
    "words",
    [
        "Spend was $1,234.56 in total, or about $1,200, that is 1.2k dollars.",
        "You spent over $1,200 and nearly $1,300.",
        "Spend fell by 31.4%, so it is 31 percent lower: a change of -31.4 %.",
        "p95 latency is 2.3 s, or 2,346 ms.",
        "gpt-4o cost $812.34, claude-sonnet-4-5 $300.10 and **o3-mini** `$122.12`.",
        "Claude Sonnet 4.5 cost $300.10.",
        "| gpt-4o | $812.34 | 15,021 |\n|---|---|---|\n| o3-mini | $122.12 | 998 |",
        "gpt-4o and claude-sonnet-4-5 cost $1,112.44 together.",
        "gpt-4o cost $512.24 more than claude-sonnet-4-5.",
        "gpt-4o is 65.8% of the total, and costs 2.7 times as much as claude-sonnet-4-5.",
        "It went from $812.34 to $300.10: down 63.1%.",
        "gpt-4o cost $812.34 for 15,021 requests, so $0.0541 per request.",
        "The three models made 18,229 requests, 15k of them with gpt-4o.",
        "The top 3 models of the last 7 days, on 5 October 2026, 2026-10-05 13:00, in week 41 and Q4 of 2026.",
        "From October 5 to 11, October 2026, the 95th percentile, p99.",
        "1. First, gpt-4o.\n2. Second, o3-mini.\n\nThere are two reasons.",
        "The price is per 1,000 requests or per million tokens.",
    ],
)
def test_what_results_say_is_backed(words: str) -> None:
    assert find(words) == []


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("Insgesamt 1.234,56 $ für 15.021 Anfragen von gpt-4o, 31,4 % weniger.", "de"),
        ("Am 5.10. und am 5. Oktober 2026 waren es 1.234,56 USD.", "de"),
        ("1 234,56 $ au total, le 5 octobre 2026 ; gpt-4o : 15\u202f021 requêtes.", "fr"),
        ("1.234,56 $ en total; gpt-4o hizo 15.021 solicitudes.", "es"),
    ],
)
def test_numbers_are_read_as_the_language_writes_them(words: str, language: str) -> None:
    assert find(words, language) == []


@pytest.mark.parametrize(
    ("words", "unbacked"),
    [
        ("Spend was $1,234.57.", ["$1,234.57"]),
        ("Spend was €1,234.56.", ["€1,234.56"]),
        ("It made 15,021 tokens.", ["15,021 tokens"]),
        ("Spend is 1,234.56%.", ["1,234.56%"]),
        ("claude-sonnet-4-5 cost $812.34.", ["$812.34"]),
        ("| o3-mini | $300.10 |", ["$300.10"]),
        ("gpt-4o cost $422.22, the rest of the total.", ["$422.22"]),
        ("Spend rose by 31.4%.", ["31.4%"]),
        ("A change of +31.4 %.", ["+31.4 %"]),
        ("gpt-4o is 75.8% of the total.", ["75.8%"]),
        ("gpt-4o cost 3.7x as much as claude-sonnet-4-5.", ["3.7x"]),
        ("You can save ninety percent.", ["ninety percent"]),
        ("Sie sparen neunzig Prozent, zwölftausend Dollar.", ["neunzig Prozent", "zwölftausend Dollar"]),
        ("Vous économisez quatre-vingt-dix pour cent.", ["quatre-vingt-dix pour cent"]),
        ("Ahorras noventa por ciento, dos mil dólares.", ["noventa por ciento", "dos mil dólares"]),
        (
            "Spend rose tenfold, every fifth request failed, and zero errors are left.",
            ["tenfold", "every fifth", "zero errors"],
        ),
        ("Zehnmal so teuer, jede zehnte Anfrage, das Zehnfache.", ["Zehnmal", "jede zehnte", "Zehnfache"]),
        ("Une requête sur dix échoue.", ["Une requête sur dix"]),
        ("It saves Ⅻ dollars.", ["Ⅻ"]),
        ("Spend doubled, and half of it is waste.", ["doubled", "half"]),
        ("You waste thousands of tokens.", ["thousands"]),
        ("The four models are listed.", ["four models"]),
        (
            "Save 9**0**%, 9&#48;%, 9\u200b0%, \uff19\uff10\uff05 or ٩٠%.",
            ["9**0**%", "9&#48;%", "9\u200b0%", "\uff19\uff10\uff05", "٩٠%"],
        ),
        ("节省五千美元, ½ of it", ["五千", "½"]),
        ("90. of all requests fail.\n7. More", ["90", "7"]),
        ("Spend:9000, save-9000$, approx9000 USD", ["9000", "9000$", "9000 USD"]),
        ("In 2026, 2026 requests failed. In 1815 nothing.", ["2026 requests", "1815"]),
        ("The last 500 requests failed 429 times.", ["500 requests", "429 times"]),
        ("It costs $1.2M, or 5e6 tokens.", ["$1.2M", "5e6 tokens"]),
        (
            "Four sevenths of it, one in five requests, every call costs fifty cents.",
            ["Four sevenths", "one in five", "fifty cents"],
        ),
        (
            "Zwei von drei Anfragen, fünf Sechstel, das Verzehnfachte.",
            ["Zwei von drei", "fünf Sechstel", "Verzehnfachte"],
        ),
        (
            "Une centaine de requêtes, deux cinquièmes, multiplié par dix.",
            ["centaine", "deux cinquièmes", "multiplié par dix"],
        ),
        ("Una décima parte, una veintena, se quintuplicó.", ["Una décima parte", "veintena", "quintuplicó"]),
        (
            "It grew by a factor of ten, by orders of magnitude, x7, ×7 more, five bucks in all, nine grand.",
            ["factor of ten", "orders of magnitude", "7", "7", "five bucks", "nine grand"],
        ),
        ("There were no errors, and gpt-4o costs nothing.", ["no errors", "costs nothing"]),
        ("The split is 90:10, in 1:30 minutes.", ["90", "10", "1", "30 minutes"]),
        ("zweitausendsechsundzwanzig Anfragen, null Fehler", ["zweitausendsechsundzwanzig Anfragen", "null Fehler"]),
        ("It is 90パーセント, 三分の一 of it.", ["90", "三"]),
        ("A request costs $1,234.56 per request, with 18,229 requests per user.", ["$1,234.56", "18,229 requests"]),
        ("Three requests failed: 67% of the three models.", ["Three requests", "67%"]),
    ],
)
def test_what_no_result_says_is_unbacked(words: str, unbacked: list[str]) -> None:
    assert find(words) == unbacked


def test_a_separator_is_read_as_the_reader_reads_it() -> None:
    assert find("15.021 requests", "en") == ["15.021 requests"]
    assert find("15,021 Anfragen", "de") == ["15,021 Anfragen"]


@pytest.mark.parametrize(
    ("words", "unbacked"),
    [
        (
            "Il novanta per cento della spesa è di gpt-4o. It cost $812.34.",
            ["Il novanta per cento della spesa è di gpt-4o."],
        ),
        ("Negentig procent van de kosten is voor support.", ["Negentig procent van de kosten is voor support."]),
        ("Расходы выросли вдвое.\nSpend fell.", ["Расходы выросли вдвое."]),
        ("It rose nin\u0435ty percent.", ["It rose nin\u0435ty percent."]),  # one letter is Cyrillic
        ("| Модель | gpt-4o |\n|---|---|\n| вдвое | $812.34 |", ["Модель | gpt-4o", "вдвое | $812.34"]),
        ("Kulutuksesta yhdeksänkymmentä prosenttia meni gpt-4o:lle, loput muille malleille tänä vuonna.", None),
        ("費用は gpt-4o が最も高く、$812.34 です。", []),
        ("Your top drivers: gpt-4o, o3-mini. Consider caching prompts, shorter answers, batch prices.", []),
    ],
)
def test_a_sentence_whose_numbers_in_words_are_not_read_is_unbacked(words: str, unbacked: list[str] | None) -> None:
    assert find(words) == ([words] if unbacked is None else unbacked)


def test_shares_and_multiples_in_words_may_be_hedged() -> None:
    words = "gpt-4o is more than half of it, nearly two thirds: nearly three times as much as claude-sonnet-4-5."
    assert find(words) == []
    assert find("gpt-4o ist mehr als die Hälfte, rund zwei Drittel.", "de") == []
    assert find("More than nine tenths is for gpt-4o.") == ["nine tenths"]


def test_the_number_of_listed_requests_is_one_of_requests() -> None:
    columns = [{"name": "Row", "unit": None}, {"name": "Spend", "unit": "usd"}]
    listed = {"columns": columns, "rows": [["1", "2.5"], ["2", "1.5"]], "found": 17}
    assert find("The two dearest requests of 17 requests.", known=build_known_figures([listed])) == []


def test_the_place_is_that_in_the_source() -> None:
    source = "Total: **$1,234.56**, but *9&#48; %* saved."
    (number,) = find_unbacked_numbers(source, KNOWN)
    assert source[number.start : number.end] == number.text == "9&#48; %"


def test_what_a_text_of_a_log_says_backs_nothing() -> None:
    known = build_known_figures([{"rows": [{"feature": "saves $5,000 a day", "spend": Decimal(3)}]}])
    assert find("It saves $5,000 a day.", known=known) == ["$5,000"]


def test_a_table_of_changes_has_levels_and_changes() -> None:
    names = ("Model", "Before", "After", "Change")
    columns = [{"name": name, "unit": "usd" if name != "Model" else ""} for name in names]
    table = {"title": "Change of spend", "columns": columns, "rows": [["gpt-4o", "22.71", "22.38", "-0.33"]]}
    known = build_known_figures([table])
    assert find("gpt-4o fell from $22.71 to $22.38, by $0.33.", known=known) == []


def test_what_a_call_asked_for_backs_nothing() -> None:
    asked = {
        "sql": "?",
        "values": [Decimal(9999), "7777"],
        "query": {"limit": 8888, "where": [{"values": ["5555"]}]},
        "requests": 40,
    }
    known = build_known_figures([asked, {"values": {"model": ["gpt-4o"]}}])
    assert find("gpt-4o made 40 requests: 9,999 or 7777 or 8,888 or 5555.", known=known) == [
        "9,999",
        "7777",
        "8,888",
        "5555",
    ]


def test_the_numbers_of_our_own_sentences_back() -> None:
    sentence = text("Saves {usd} of {n}.", usd=FormattedNumber("$1,250.50"), n=1777)
    assert find("It saves $1,250.50 of 1,777.", known=build_known_figures([{"why": sentence}])) == []


def test_a_sentence_says_which_of_its_numbers_are_per_cent() -> None:
    known = build_known_figures([{"why": text("{goal:g} % target of {n} rows.", goal=30, n=40)}])
    assert find("The target is 30%, of 40 rows.", known=known) == []
    assert find("The target is 40%.", known=known) == ["40%"]


@pytest.mark.parametrize(
    ("words", "unbacked"),
    [
        ("It is 25%.", []),  # a fraction without a unit
        ("It is 1000.0%, or 12%.", ["1000.0%", "12%"]),
        ("It is 1,200%.", ["1,200%"]),
    ],
)
def test_a_figure_without_a_unit_backs_no_percentage_with_its_digits(words: str, unbacked: list[str]) -> None:
    assert find(words, known=build_known_figures([{"sums": [Decimal("1000.00"), 12, 0.25]}])) == unbacked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    model: str
    saving: Decimal
    moved_share: float
    latency_ms: int
    day: date
    note: Text


def test_a_typed_result_of_any_tool_is_read() -> None:
    shift = Shift(
        model="o3-mini",
        saving=Decimal("12.345"),
        moved_share=0.25,
        latency_ms=850,
        day=date(2024, 1, 1),
        note=text("x"),
    )
    known = build_known_figures([(shift, shift)])
    assert find("In 2024, o3-mini saves $12.35: 25% is moved, at 0.85 s.", known=known) == []
    assert find("o3-mini saves 12.35 s: 26% is moved.", known=known) == ["12.35 s", "26%"]


@pytest.mark.parametrize(
    ("words", "unbacked"),
    [
        ("On 5 May 2026 500 requests failed.", ["500 requests"]),  # 2026 is of the date
        ("On 5 May 2026 40 requests failed.", []),
        ("Haiku 4 500 requests, Haiku 4 40 requests.", ["500 requests"]),  # 4 is of the name
        ("15 021 requests were made, 12 021 requests failed.", ["12 021 requests"]),
        ("429 errors were seen by 40 users.", ["429 errors", "40 users"]),
        ("There were 40 of 429.", []),
        ("Version 1.2.3 is out.", []),
        ("It is 1.2.3 %, of 1,23,456 requests.", ["1.2.3 %", "1,23,456 requests"]),
        (f"{'9' * 40} tokens", [f"{'9' * 40} tokens"]),
        ("about 0 requests, ~$13, under $13, over $12", ["0 requests"]),
    ],
)
def test_numbers_among_dates_names_and_blanks(words: str, unbacked: list[str]) -> None:
    rows = [{"error": "429", "requests": 40}, {"model": "Haiku 4", "requests": 40}]
    spend = {"name": "Spend", "value": "12.5", "unit": "usd"}
    requests = {"name": "Requests", "value": "15021", "unit": "requests"}
    assert find(words, known=build_known_figures([spend, requests, {"rows": rows}])) == unbacked


def test_totals_and_dates_of_a_table_are_read_and_what_is_no_table_is_passed_over() -> None:
    columns = [{"name": "Day", "unit": ""}, {"name": "Spend", "unit": "usd"}]
    rows = [[date(2023, 5, 1), "3.25"], ["2022-05-01", "4.5"], ["undated", None], "no row"]
    table = {"title": "Spend", "columns": columns, "rows": rows, "total": ["70.75"], "rest": ["63"]}
    known = build_known_figures([table, {"columns": "none", "rows": []}, {"columns": ["Name"], "rows": [[5]]}])
    words = "In 2022 and 2023 it was $70.75, with $63 for the rest, and $3.25 on a day."
    assert find(words, known=known) == []
    assert find("In 1999 it was $70.76.", known=known) == ["1999", "$70.76"]


@pytest.mark.slow
def test_a_result_with_more_values_than_are_read_is_read_in_part() -> None:
    columns = [{"name": "Name", "unit": ""}, {"name": "Requests", "unit": "requests"}]
    rows = [[f"name-{place}", 100_000 + place] for place in range(MAX_VALUES)]
    known = build_known_figures([{"title": "Requests", "columns": columns, "rows": rows}])
    assert find("It made 100,001 requests.", known=known) == []
    assert find(f"It made {100_000 + MAX_VALUES - 1:,} requests.", known=known) == ["111,999 requests"]


@pytest.mark.slow
def test_more_numbers_than_are_matched_are_unbacked() -> None:
    assert len(find("$1,234.56 " * (MAX_QUANTITIES + 50))) == 50


amounts = st.decimals(min_value=Decimal("1000.00"), max_value=Decimal("99999.99"), places=2)
TEMPLATES = (
    ("en", "{name} cost ${value:,.2f}."),
    ("en", "The total of {name} is {value:,.2f} USD, that is **${value:,.2f}**."),
    ("en", "| {name} | ${value:,.2f} |"),
    ("de", "{name} kostete {value} $."),
    ("fr", "{name} a coûté {value} $."),
)


def write(template: str, language: str, name: str, value: Decimal) -> str:
    if language == "en":
        return template.format(name=name, value=value)
    grouped = f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", "." if language == "de" else "\u202f")
    return template.format(name=name, value=grouped)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(amounts, min_size=1, max_size=6, unique=True), template=st.sampled_from(TEMPLATES), data=st.data()
)
def test_a_text_made_of_results_is_backed_and_one_other_digit_is_not(
    values: list[Decimal], template: tuple[str, str], data: st.DataObject
) -> None:
    language, sentence = template
    rows = [[f"model-{chr(97 + place)}", str(value)] for place, value in enumerate(values)]
    columns = [{"name": "Model", "unit": ""}, {"name": "Spend", "unit": "usd"}]
    known = build_known_figures([{"title": "Spend", "columns": columns, "rows": rows}])
    lines = [write(sentence, language, row[0], value) for row, value in zip(rows, values, strict=True)]
    assert find("\n".join(lines), language, known) == []

    place = data.draw(st.integers(0, len(values) - 1))
    digits = str(values[place])
    at = data.draw(st.sampled_from([i for i, digit in enumerate(digits) if digit.isdigit()]))
    other = data.draw(st.sampled_from([digit for digit in "123456789" if digit != digits[at]]))
    lie = Decimal(digits[:at] + other + digits[at + 1 :])
    total = sum(values, Decimal(0))
    known_values = (*values, total)
    if lie == total or lie in [each for a in known_values for b in known_values for each in (a + b, abs(a - b))]:
        return  # by chance it is a result, or computed from two
    lines[place] = write(sentence, language, rows[place][0], lie)
    assert find("\n".join(lines), language, known)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(before=amounts, after=amounts)
@example(before=Decimal("1000.00"), after=Decimal("1000.01"))
def test_a_change_is_recomputed_from_the_figures_that_the_text_states(before: Decimal, after: Decimal) -> None:
    assume(before != after)
    known = build_known_figures([{"total": [before, after]}])
    share = abs(after / before - 1) * 100
    words = f"It went from ${before:,.2f} to ${after:,.2f}, a change of {share:.1f}%"
    assert find(words, known=known) == []
    ratios = (before / after, after / before, abs(before / after - 1))
    assume(all(abs(each * 100 - share - 1000) > 1 for each in ratios))  # by chance it is computed from the two
    lie = words.replace(f"{share:.1f}%", f"{share + 1000:.1f}%")
    assert find(lie, known=known) == [f"{share + 1000:.1f}%"]
