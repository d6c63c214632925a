"""Messages that answer a question of the report with a number."""

from decimal import Decimal

import pytest

from workloads.pricing.lever_answers import parse_sentences
from workloads.pricing.number_sentences import SENTENCES, NumberSentence, build_number_replies


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ('Answers of "chat" need 300 tokens.', ("output_length", "chat", Decimal(300))),
        ("answers of chat need 300 tokens", ("output_length", "chat", Decimal(300))),
        ('prompts of "a "b" c" need 2,000 tokens', ("context_length", 'a "b" c', Decimal(2000))),
        ("a unit of capacity costs $12.50 USD per hour", ("provisioned", "usd_per_hour", Decimal("12.50"))),
        ("A unit of capacity processes 500 tokens per second", ("provisioned", "tokens_per_second", Decimal(500))),
        ("do answers of chat need 300 tokens?", None),
        ("answers of chat need 300 tokens and more", None),
        ("answers of chat need many tokens", None),
        ("answers of chat need 1,00 tokens", None),
    ],
)
def test_a_message_answers_with_a_number(message: str, answer: tuple[str, str, Decimal] | None) -> None:
    found = [(each.lever, each.scope, each.value) for each in parse_sentences(message)]
    assert found == ([] if answer is None else [answer])


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda one: one.words)
@pytest.mark.parametrize("name", ["chat", 'a "b"? need 9 tokens', "x. y", "what", "{value}"])
def test_the_replies_are_understood_to_the_letter(sentence: NumberSentence, name: str) -> None:
    lever, scope = sentence.lever, sentence.scope or name
    replies = build_number_replies(lever, scope)
    before, _, after = replies["value"].rpartition("{value}")
    (answer,) = parse_sentences(f"{before}12.5{after}")
    assert (answer.lever, answer.scope, answer.value) == (lever, scope, Decimal("12.5"))
    forgotten = {(each.lever, each.scope): each.value for each in parse_sentences(replies["forget"])}
    assert forgotten[lever, scope] is None
