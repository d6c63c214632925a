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
from core.i18n.text import Figure, Text, join_texts, plural_text, text, to_json, verbatim_text
from core.json_data import to_jsonable

INNER = text("{share:.0%} of it", share=0.25)
OUTER = text("{usd} for {requests:,} requests, {inner}", usd=Figure("$1,234.50"), requests=8819, inner=INNER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    title: Text
    notes: tuple[Text, ...] = ()


def test_as_a_str_it_is_the_english_sentence() -> None:
    assert OUTER == "$1,234.50 for 8,819 requests, 25% of it"
    assert plural_text("{n} row", "{n} rows", n=1) == "1 row"
    assert plural_text("{n} row", "{n} rows", n=0) == "0 rows"
    assert plural_text("up to {n}", n=1) == "up to 1"
    assert text("one {brace} without values") == "one {brace} without values"
    assert json.loads(json.dumps({"of": OUTER})) == {"of": "$1,234.50 for 8,819 requests, 25% of it"}


def test_an_error_keeps_it() -> None:
    words = str(BadInput(OUTER))
    assert isinstance(words, Text)
    assert words.template == OUTER.template


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_is_the_same(again: object) -> None:
    assert callable(again)
    same = again(OUTER)
    assert (same, same.template, same.values["inner"].values) == (OUTER, OUTER.template, {"share": 0.25})


def test_what_is_kept_is_revived_whole() -> None:
    finding = Finding(
        title=OUTER, notes=(plural_text("{n} row", "{n} rows", n=2), text("{of:,.2f}", of=Decimal("1234.5")))
    )
    revived = TypeAdapter(Finding).validate_python(json.loads(json.dumps(to_jsonable(to_json(finding)))))
    assert revived == finding
    assert to_json(revived) == to_json(finding)


def test_foreign_words_are_revived_as_they_are() -> None:
    revived = TypeAdapter(Text).validate_python("a {brace} of somebody's")
    assert revived == "a {brace} of somebody's"
    assert verbatim_text(revived) is revived


def test_what_is_no_sentence_is_not_revived() -> None:
    adapter: TypeAdapter[Text] = TypeAdapter(Text)
    for no_sentence in (3, None, {"words": "x"}, ["x"]):
        with pytest.raises(ValidationError):
            adapter.validate_python(no_sentence)


def test_a_list_of_them_is_joined_with_any_mark() -> None:
    assert join_texts(" {} ", ("a", INNER)) == "a {} 25% of it"
    assert join_texts(", ", ()) == ""
    values: Mapping[str, object] = join_texts(", ", ("a", INNER)).values
    assert values["part1"] is INNER
