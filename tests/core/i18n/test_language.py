"""Sentences in another language, from a catalogue as translators keep it."""

from pathlib import Path

import pytest

from core.i18n.language import ENGLISH, LANGUAGES, Language, match_language, negotiate_language
from core.i18n.text import FormattedNumber, join_texts, plural_text, text, translate

GERMAN = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "{usd} for {requests:,} requests, {how}"
msgstr "{requests:,} Anfragen, {how}, für {usd}"

msgid "modelled"
msgstr "errechnet"

msgid "{n:,} row"
msgid_plural "{n:,} rows"
msgstr[0] "{n:,} Zeile"
msgstr[1] "{n:,} Zeilen"

msgid "wrong {field}"
msgstr "falsch {feld}"

msgid "broken {brace}"
msgstr "kaputt {brace"

#, fuzzy
msgid "not sure"
msgstr "vielleicht"

msgid "untranslated"
msgstr ""

msgctxt "page run.stop"
msgid "Stop"
msgstr "Anhalten"

msgctxt "page next.goal"
msgid "Cut my spend by {percent} without hurting p95 latency"
msgstr "Senke die Kosten um {percent} (ohne p95 zu stören)."

msgctxt "page count"
msgid "{n} agent"
msgid_plural "{n} agents"
msgstr[0] "{n} Agent"
msgstr[1] "{n} Agenten"
"""


@pytest.fixture
def german(tmp_path: Path) -> Language:
    path = tmp_path / "de.po"
    path.write_text(GERMAN, encoding="utf-8")
    return Language("de", path)


def test_a_message_is_translated_with_its_values(german: Language) -> None:
    words = text(
        "{usd} for {requests:,} requests, {how}", usd=FormattedNumber("$1,234.50"), requests=8819, how=text("modelled")
    )
    assert german.translate(words) == "8.819 Anfragen, errechnet, für $1.234,50"
    assert ENGLISH.translate(words) == "$1,234.50 for 8,819 requests, modelled"


def test_plural_forms_follow_the_language(german: Language) -> None:
    said = [german.translate(plural_text("{n:,} row", "{n:,} rows", n=n)) for n in (0, 1, 2000)]
    assert said == ["0 Zeilen", "1 Zeile", "2.000 Zeilen"]


@pytest.mark.parametrize("words", ["not sure", "untranslated", "never heard of"])
def test_an_untranslated_message_is_in_english(german: Language, words: str) -> None:
    assert german.translate(text(words)) == words


def test_a_translation_with_wrong_fields_is_ignored(german: Language, caplog: pytest.LogCaptureFixture) -> None:
    assert german.translate(text("wrong {field}", field="x")) == "wrong x"
    assert german.translate(text("broken {brace}", brace="x")) == "broken x"
    assert caplog.text.count("other fields") == 2


def test_verbatim_text_is_not_translated(german: Language) -> None:
    assert german.translate("modelled") == "modelled"
    assert german.translate(join_texts("; ", ("1,5", text("modelled"), ""))) == "1,5; errechnet"
    assert german.translate(join_texts("; ", ())) == ""


def test_all_texts_of_a_result_are_translated(german: Language) -> None:
    result = {text("modelled"): [(text("modelled"), 1.5), "modelled"]}
    assert translate(result, german) == {"errechnet": [["errechnet", 1.5], "modelled"]}
    assert translate(result, ENGLISH) is result


def test_the_page_uses_the_same_catalogues(german: Language) -> None:
    assert german.page_texts == {
        "run.stop": "Anhalten",
        "next.goal": "Senke die Kosten um {percent} (ohne p95 zu stören).",
        "count": {"one": "{n} Agent", "other": "{n} Agenten"},
    }
    assert german.translate(text("Stop")) == "Stop"
    assert ENGLISH.page_texts == {}


def test_a_tag_selects_its_language_or_english() -> None:
    assert match_language("en-GB") is ENGLISH
    assert match_language("xx") is ENGLISH
    assert match_language("") is ENGLISH
    assert "en" in LANGUAGES


def test_accept_language_is_read_by_its_weights() -> None:
    assert negotiate_language("") is ENGLISH
    assert negotiate_language("xx, *;q=0.5, en;q=nonsense, en") is ENGLISH
    assert negotiate_language(",;q=1," * 1000) is ENGLISH


def test_a_translated_suggestion_is_recognised(german: Language) -> None:
    asked = "Senke die Kosten um 30\u00a0% (ohne p95 zu stören)."
    assert german.to_english(f" {asked}\n", "next.") == "Cut my spend by 30\u00a0% without hurting p95 latency"
    assert german.to_english(asked, "ask.") is None
    assert german.to_english(asked + " Ja?", "next.") is None
    assert german.to_english("Anhalten", "next.", "run.") == "Stop"
    assert ENGLISH.to_english("Stop", "run.") is None
