"""Secrets do not get into a stream; what is no secret is not touched, and the text stays JSON."""

import json
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redaction import REMOVED, redact, redact_all, redact_text
from tests.core.sample_secrets import KEYS, ORDINARY, SAID


def as_told(words: str) -> dict[str, Any]:
    """A payload with these words as a value, in a list, within nested JSON and as a key; and as it is afterwards."""
    payload = {"type": "tool_completed", "words": words, "list": [1, words], "nested": json.dumps({"a": [words]})}
    told: dict[str, Any] = json.loads(redact(json.dumps(payload | {words: 1})))
    return told


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("around", ["{}", "it is {} they said", "({})", "x={}", "a,{},b", '"{}"', "\n{}\t", "é{}"])
def test_a_known_secret_pattern_is_removed(kind: str, around: str) -> None:
    text, secret = json.dumps(as_told(around.format(KEYS[kind]))), KEYS[kind].replace("-----", "\n")
    left = {
        piece for line in secret.split("\n") for at in range(len(line) - 9) if (piece := line[at : at + 10]) in text
    }
    assert left == set()
    assert REMOVED in text


@pytest.mark.parametrize(("sentence", "secret"), SAID)
def test_a_labelled_secret_is_removed(sentence: str, secret: str) -> None:
    text = json.dumps(as_told(sentence.format(secret)))
    assert secret not in text
    assert REMOVED in text


@pytest.mark.parametrize(
    "name", ["password", "API_KEY", "apiKey", "db-password", "Authorization", "aws_secret_access_key"]
)
def test_the_value_of_a_secret_key_is_removed(name: str) -> None:
    told = redact(f'{{ "{name}" : "a\\"b c\\\\" ,"n":1.50, "{name}":5,"x":""}}')
    assert told == f'{{ "{name}" : "{REMOVED}" ,"n":1.50, "{name}":5,"x":""}}'


def test_each_name_of_a_key_or_token_is_known() -> None:
    keys = [f"{kind}{mark}key" for kind in ("api", "access", "private", "account") for mark in ("", "_", "-")]
    kinds = ("access", "auth", "refresh", "id", "session", "bearer")
    tokens = [f"{kind}{mark}token" for kind in kinds for mark in ("", "_", "-")]
    for name in (*keys, *tokens, *(each.upper() for each in (*keys, *tokens))):
        assert redact_text(f"my {name}=hunter2") == f"my {name}={REMOVED}"
        assert redact(json.dumps({f"x_{name}": "hunter2", "key": 0, "token": "t"})) == json.dumps(
            {f"x_{name}": REMOVED, "key": 0, "token": "t"}
        )


@pytest.mark.parametrize("words", ORDINARY)
def test_ordinary_text_is_unchanged(words: str) -> None:
    for ascii_only in (True, False):
        text = json.dumps({"words": words, "key": "value", words: [words, 1.50, None]}, ensure_ascii=ascii_only)
        assert redact(text) == text
    assert redact_text(words) == words


def test_text_beside_a_secret_is_unchanged() -> None:
    text = '{"a" :1.0e5,"b":"\\u00e9\\/x","c":"%s","d":[true,null,12345678901234567890]}'
    assert redact(text % KEYS["aws"]) == text % REMOVED


def test_escaped_secrets_are_removed() -> None:
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in KEYS["github"])
    assert json.loads(redact(f'["{hidden}"]')) == [REMOVED]
    assert json.loads(redact('["https:\\/\\/u:hunter2@h\\/"]')) == [f"https://u:{REMOVED}@h/"]
    assert json.loads(redact('["C:\\\\u00e9", "\\\\\\u0070assword: hunter2hunter2"]')) == [
        "C:\\u00e9",
        f"\\password: {REMOVED}",
    ]
    assert json.loads(redact('["password\\t=hunter2hunter2"]')) == [f"password\t={REMOVED}"]
    assert KEYS["aws"] not in redact(f'["line\\n{KEYS["aws"]}\\nline"]')


def test_a_lone_surrogate_stays_encodable() -> None:
    redact(f'["\\ud800 {KEYS["aws"]}"]').encode()


BITS = ("password", "=", ": ", '"', "\\", "sk-", "eyJ", "-----", "://", "@", "\n", "Bearer ", "{", "}", REMOVED)
SPOKEN = tuple(sentence.format(secret) for sentence, secret in SAID)
PIECES = st.sampled_from([*KEYS.values(), *SPOKEN, *ORDINARY, *BITS])
WORDS = st.lists(PIECES | st.text(max_size=5), max_size=6).map("".join)
NAMES = st.sampled_from(["password", "api_key", "a"]) | WORDS
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | inner.map(json.dumps),
    max_leaves=6,
)


def same_shape(before: Any, after: Any) -> bool:
    if isinstance(before, list):
        return len(before) == len(after) and all(map(same_shape, before, after))
    if isinstance(before, dict):
        # Two keys that held a secret may have become one.
        return isinstance(after, dict) and len(after) <= len(before)
    return isinstance(after, str) if isinstance(before, str) else before == after


@pytest.mark.slow
@settings(deadline=None)
@given(value=VALUES, ascii_only=st.booleans(), spaced=st.booleans())
def test_redaction_keeps_valid_json_and_is_idempotent(value: Any, ascii_only: bool, spaced: bool) -> None:
    separators = None if spaced else (",", ":")
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
    once = redact(text)
    assert same_shape(value, json.loads(once))
    assert redact(once) == once


@settings(deadline=None)
@given(text=WORDS)
def test_redacting_any_text_twice_equals_once(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)
    redact(text)  # no JSON, and no failure


@pytest.mark.slow
@settings(deadline=None)
@given(before=st.text(max_size=20), kind=st.sampled_from([*KEYS]), after=st.text(max_size=20))
def test_a_secret_is_found_anywhere(before: str, kind: str, after: str) -> None:
    text = json.dumps({"a": f"{before} {KEYS[kind]} {after}"})
    longest = max(KEYS[kind].replace("\n", ".").split("."), key=len)
    assert longest not in json.loads(redact(text))["a"] or "-----" in longest


def test_redacting_many_texts_equals_redacting_each() -> None:
    mine, theirs, nobody = uuid4(), uuid4(), uuid4()
    clean, dirty = (
        ['{"text": "a word"}'],
        ['{"text": "password: hunter2hunter2"}', '{"text": "sk-"}', '{"a": "\\u0073k-"}'],
    )
    for told in ({mine: clean, theirs: dirty, nobody: []}, {mine: clean, theirs: clean}, {}):
        assert redact_all(told, str) == {user: tuple(map(redact, texts)) for user, texts in told.items()}
    assert "hunter2" not in str(redact_all({mine: clean, theirs: dirty}, str))
