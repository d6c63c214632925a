"""Unbacked numbers are marked where they stand, also while a text is being written, and nothing in it is active."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.answers.backing.known_figures import build_known_figures
from agents.llm.partial_texts import cut_unfinished
from agents.wording.asking import MAX_HISTORY, MAX_QUESTIONS, PromptExchange, condense_history
from agents.wording.model_answer import MAX_WORDS, clean_words, is_written_call, mark_unbacked

KNOWN = build_known_figures([{"figures": [{"name": "Spend", "value": "1234.56", "unit": "usd"}]}])


def test_a_mark_stands_behind_each_unbacked_number() -> None:
    marked = mark_unbacked("You spent $1,234.56, and can save **$900** (73%).", KNOWN, "unverified")
    assert marked.text == "You spent $1,234.56, and can save **$900 (unverified)** (73% (unverified))."
    assert [each.text for each in marked.unbacked] == ["$900", "73%"]
    for each in marked.unbacked:
        assert marked.text[each.start : each.end] == each.text


def test_a_backed_text_stays_as_it_is() -> None:
    assert mark_unbacked("You spent $1,234.56.", KNOWN, "unverified").text == "You spent $1,234.56."


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("You spent", "You "),
        ("You spent $1,2", "You spent "),
        ("You spent $1,234.56", "You spent "),
        ("You spent $1,234.56 on", "You spent "),
        ("You spent 12 thousand dol", "You spent "),
        ("You spent $1,234.56 on that in all. Thi", "You spent $1,234.56 on that in all. "),
        ("", ""),
        ("$" * 200, "$" * 120),
    ],
)
def test_a_number_is_shown_once_its_unit_is_written(written: str, shown: str) -> None:
    assert cut_unfinished(written) == shown


@settings(deadline=None)
@given(st.text(alphabet="a1$,.% \n", max_size=300))
def test_what_is_cut_is_a_beginning_and_bounded(text: str) -> None:
    shown = cut_unfinished(text)
    assert text.startswith(shown)
    assert len(text) - len(shown) <= 80


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("See [this](https://evil.example/?q=1) and ![x](http://evil.example)", None),
        ("[this][1]\n\n[1]: https://evil.example", None),
        ("<img src=https://evil.example> <!-- 90% -->", None),
        ("https://evil.example www.evil.example a@evil.example", None),
        ("**Bold** and `code`\n\n| a | b |", "**Bold** and `code`\n\n| a | b |"),
        ("9\u200b0 \u202eabc\x00\x1b[31m", "90 abc[31m"),
    ],
)
def test_nothing_of_a_model_s_words_is_active(words: str, shown: str | None) -> None:
    cleaned = clean_words(words)
    for active in ("](", "][", "]:", "<", "://", "www.", "@", "\u200b", "\u202e"):
        assert active not in cleaned
    assert shown is None or cleaned == shown


def test_a_model_s_words_are_bounded() -> None:
    assert MAX_WORDS - 100 < len(clean_words("a" * 2 * MAX_WORDS)) <= MAX_WORDS
    said = "It costs money. " * 249 + "Or $1,234.56 a day."
    assert said[:MAX_WORDS].endswith("$1,234.56 a d")
    assert clean_words(said).endswith("money. Or …")


@pytest.mark.parametrize(
    ("words", "is_call"),
    [
        ('{"name": "measure", "arguments": {}}', True),
        ('```json\n{"query": {"measures": ["spend"]}}\n```', True),
        ('<tool_call>{"name": "measure"}</tool_call>', True),
        ('<think>I call it.</think> [{"tool": "measure"}]', True),
        ("[40 requests] in all", False),
        ("You spent $5.", False),
    ],
)
def test_a_tool_call_in_writing_is_no_answer(words: str, is_call: bool) -> None:
    assert is_written_call(words) is is_call


def test_thoughts_are_no_words_of_an_answer() -> None:
    assert clean_words("<think>maybe $9,999?</think>You spent $5. <think>or $77") == "You spent $5."


def test_the_history_has_the_last_questions_and_the_beginnings_of_their_answers() -> None:
    earlier = [PromptExchange(question=f"Question {number}?", answer="Long answer. " * 100) for number in range(20)]
    history = condense_history([*earlier, PromptExchange(question="And now?")])
    assert "Question 19?" in history
    assert f"Question {19 - MAX_QUESTIONS}?" not in history
    assert history.endswith("User asked: And now?")
    assert len(history) <= MAX_HISTORY
    assert condense_history([]) == ""


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=2000), st.text(max_size=2000)), max_size=12))
def test_the_history_is_bounded_and_each_text_is_on_one_line(earlier: list[tuple[str, str]]) -> None:
    history = condense_history([PromptExchange(question=question, answer=answer) for question, answer in earlier])
    assert len(history) <= MAX_HISTORY
    assert len(history.splitlines()) <= 2 * MAX_QUESTIONS
