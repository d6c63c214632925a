import pytest

from workloads.pricing.lever_answers import REPLY_VERBS, build_replies, parse_sentences

FORGOTTEN = ("batch", "context_length", "flex", "off_peak", "output_length", "priority", "right_size")


@pytest.mark.parametrize(
    ("sentence", "answers"),
    [
        ("nightly-summaries can wait", [("batch", "nightly-summaries", True)]),
        ("Yes, the nightly-summaries can wait until tomorrow.", [("batch", "nightly-summaries", True)]),
        ("alerts can't wait", [("batch", "alerts", False)]),
        ("alerts cannot wait!", [("batch", "alerts", False)]),
        ("alerts can not wait", [("batch", "alerts", False)]),
        ("support-chat is interactive", [("batch", "support-chat", False)]),
        ("support-chat is not interactive", [("batch", "support-chat", True)]),
        ("a and b can wait", [("batch", "a", True), ("batch", "b", True)]),
        ("everything can wait", [("batch", "", True)]),
        ("Cut 30%. nightly can wait, but alerts can't wait", [("batch", "alerts", False), ("batch", "nightly", True)]),
        ("triage may use a smaller model", [("right_size", "triage", True)]),
        ("triage must not use a smaller model", [("right_size", "triage", False)]),
        ("nightly may use flex processing", [("flex", "nightly", True)]),
        ("nightly may not use flex", [("flex", "nightly", False)]),
        ("nightly may run off-peak", [("off_peak", "nightly", True)]),
        ("nightly may do without priority", [("priority", "nightly", True)]),
        ("chat needs priority", [("priority", "chat", False)]),
        ("does chat need priority?", []),
        ("forget what I said about triage", [(lever, "triage", None) for lever in FORGOTTEN]),
        ("Can nightly-summaries wait?", []),
        ("what can wait?", []),
        ("which features can wait", []),
        ("do you think nightly can wait?", []),
        ("I can't wait to see it", []),
        ("it can wait", []),
        ("Where does my spend go?", []),
    ],
)  # fmt: skip
def test_a_sentence_answers_a_question(sentence: str, answers: list[tuple[str, str, bool | None]]) -> None:
    assert sorted((each.lever, each.scope, each.value) for each in parse_sentences(sentence)) == sorted(
        answers, key=lambda each: each[:2]
    )


@pytest.mark.parametrize("lever", sorted(REPLY_VERBS))
@pytest.mark.parametrize("scope", ["nightly-summaries", 'a "b"? can wait', "x and y. z", "", "l\nm", "what"])
def test_the_replies_of_a_question_are_understood_to_the_letter(lever: str, scope: str) -> None:
    replies = build_replies(lever, scope)
    for reply, value in (("yes", True), ("no", False)):
        (answer,) = parse_sentences(replies[reply])
        assert (answer.lever, answer.scope, answer.value) == (lever, scope, value)
    assert {(each.scope, each.value) for each in parse_sentences(replies["forget"])} == {(scope, None)}
