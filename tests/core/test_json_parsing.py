"""JSON of strangers: read within bounds, or refused in words."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exceptions import BadInput, TooLarge
from core.json_data import MAX_DEPTH, parse_json, require_storable

MOST = 1_000


def build_nested_json(depth: int, kind: str = "[]") -> str:
    return ("[" if kind == "[]" else '{"a":') * depth + "1" + ("]" if kind == "[]" else "}") * depth


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100, 5_000, 300_000])
@pytest.mark.parametrize("kind", ["[]", "{}"])
@pytest.mark.parametrize("open_end", [False, True])
def test_too_deeply_nested_json_is_refused(depth: int, kind: str, open_end: bool) -> None:
    source = build_nested_json(depth, kind)
    with pytest.raises(BadInput):
        parse_json(source[: len(source) // 2] if open_end else source, max_bytes=10_000_000)


@pytest.mark.parametrize("kind", ["[]", "{}"])
def test_json_of_the_maximum_depth_is_read(kind: str) -> None:
    source = build_nested_json(MAX_DEPTH, kind)
    assert parse_json(source.encode(), max_bytes=MOST) == json.loads(source)
    wide = json.dumps([[each] for each in range(MAX_DEPTH * 2)])
    assert parse_json(wide, max_bytes=MOST) == json.loads(wide)


def test_the_size_limit_counts_bytes() -> None:
    fits, not_quite = json.dumps("é" * 9, ensure_ascii=False), json.dumps("é" * 10, ensure_ascii=False)
    for source in (fits, fits.encode()):
        assert parse_json(source, max_bytes=20) == "é" * 9
    for source in (not_quite, not_quite.encode()):
        with pytest.raises(TooLarge):
            parse_json(source, max_bytes=20)


@pytest.mark.parametrize(
    "source",
    [
        *("", " ", "{", "nul", "{'a': 1}", '{"a": 1,}', "[1] [2]", "\ufeff{}", '"\n"', '"\x00"', "01", "1.", "+1"),
        *(
            "NaN",
            "-Infinity",
            "[Infinity]",
            "1e400",
            "-1e400",
            "9" * 39,
            "-" + "9" * 39,
            "9" * 5_000,
            '{"a": [1' + "0" * 400 + "]}",
        ),
        *(b"\xff", b'"\xed\xa0\x80"', b'"\xc0\x80"', "{}".encode("utf-16"), b"\xef\xbb\xbf{}"),
    ],
    ids=lambda each: repr(each[:20]),
)
def test_invalid_json_is_refused(source: str | bytes) -> None:
    with pytest.raises(BadInput):
        parse_json(source, max_bytes=10_000)


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**37, -(10**37), 1.5, 1e308, 5e-324])
def test_numbers_are_read_exactly(number: float) -> None:
    assert parse_json(json.dumps(number), max_bytes=MOST) == number


@pytest.mark.parametrize("words", ["\x00", "a\ud800", "\udfff", "\ude00\ud83d"])
@pytest.mark.parametrize(
    "inside", [lambda x: x, lambda x: [x], lambda x: {x: 1}, lambda x: {"a": [{"b": x}]}, lambda x: [{"a": {x: 1}}]]
)
def test_unstorable_characters_are_found_anywhere(words: str, inside: Any) -> None:
    read = parse_json(json.dumps(inside(words)), max_bytes=MOST)
    with pytest.raises(BadInput):
        require_storable(read)


@pytest.mark.parametrize("words", ["", "é", "\U0001f600", r"\u0000", "\ufffe", "\u202e", "\x01"])
def test_other_text_is_unchanged(words: str) -> None:
    read = parse_json(json.dumps({"a": [words]}), max_bytes=MOST)
    require_storable(read)
    assert read == {"a": [words]}


@pytest.mark.slow
@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_input_is_read_or_refused(source: str | bytes) -> None:
    with suppress(BadInput):
        require_storable(parse_json(source, max_bytes=MOST))
