"""A sentence of ours: English as a str, and itself again after being raised, copied, kept and revived."""

import copy
import json
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from core.exceptions import BadInput
from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text, to_json, verbatim_text
from core.json_data import to_jsonable

INNER = text("{share:.0%} of it", share=0.25)
OUTER = text("{usd} for {requests:,} requests, {inner}", usd=FormattedNumber("$1,234.50"), requests=8819, inner=INNER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    title: Text
    notes: tuple[Text, ...] = ()


def test_a_text_is_the_english_sentence_as_a_str() -> None:
    assert OUTER == "$1,234.50 for 8,819 requests, 25% of it"
    assert plural_text("{n} row", "{n} rows", n=1) == "1 row"
    assert plural_text("{n} row", "{n} rows", n=0) == "0 rows"
    assert plural_text("up to {n}", n=1) == "up to 1"
    assert text("one {brace} without values") == "one {brace} without values"
    assert json.loads(json.dumps({"of": OUTER})) == {"of": "$1,234.50 for 8,819 requests, 25% of it"}


def test_an_error_keeps_its_text() -> None:
    words = str(BadInput(OUTER))
    assert isinstance(words, Text)
    assert words.template == OUTER.template


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_of_a_text_is_equal(again: object) -> None:
    assert callable(again)
    same = again(OUTER)
    assert (same, same.template, same.values["inner"].values) == (OUTER, OUTER.template, {"share": 0.25})


def test_a_stored_text_is_restored() -> None:
    finding = Finding(
        title=OUTER, notes=(plural_text("{n} row", "{n} rows", n=2), text("{of:,.2f}", of=Decimal("1234.5")))
    )
    revived = TypeAdapter(Finding).validate_python(json.loads(json.dumps(to_jsonable(to_json(finding)))))
    assert revived == finding
    assert to_json(revived) == to_json(finding)


def test_verbatim_text_is_restored_unchanged() -> None:
    revived = TypeAdapter(Text).validate_python("a {brace} of somebody's")
    assert revived == "a {brace} of somebody's"
    assert verbatim_text(revived) is revived


def test_invalid_data_is_not_restored_as_a_text() -> None:
    adapter: TypeAdapter[Text] = TypeAdapter(Text)
    for no_sentence in (3, None, {"words": "x"}, ["x"]):
        with pytest.raises(ValidationError):
            adapter.validate_python(no_sentence)


def test_texts_are_joined_with_any_separator() -> None:
    assert join_texts(" {} ", ("a", INNER)) == "a {} 25% of it"
    assert join_texts(", ", ()) == ""
    values: Mapping[str, object] = join_texts(", ", ("a", INNER)).values
    assert values["part1"] is INNER
