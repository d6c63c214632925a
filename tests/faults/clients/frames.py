"""Frames as a client may make them up: garbage, JSON, and frames that are nearly or wholly valid with odd values."""

import json
from typing import Any

from hypothesis import strategies as st

ODD: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**62, 2**63, 2**64, -1, 10**400, -(10**30), 1e308, 0.1]),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["\x00", "\ud800", "'; DROP TABLE x;--", "../../etc/passwd", "0" * 5_000, "\u202e", ""]),
    st.uuids().map(str),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)
TYPES = st.sampled_from(["resume", "start", "cancel", "ack", "ping"])
FIELDS = st.sampled_from(
    ["id", "epoch", "seq", "client_id", "text", "thread_id", "workload_id", "assumptions", "run_id", "type", "user_id"]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    ODD, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@st.composite
def nearly(draw: st.DrawFn) -> dict[str, Any]:
    """Of a type that there is, with the fields that it has, some of them odd."""
    kind = draw(TYPES)
    right: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "resume": {"epoch": st.uuids().map(str), "seq": st.integers(0, 2**62)},
        "ack": {"epoch": st.uuids().map(str), "seq": st.integers(0, 2**62)},
        "start": {"id": st.text(max_size=9), "client_id": st.uuids().map(str), "text": st.text(max_size=60)},
        "cancel": {"id": st.text(max_size=9), "run_id": st.uuids().map(str)},
        "ping": {"id": st.text(max_size=120)},
    }
    frame = {"type": kind, **{name: draw(values) for name, values in right[kind].items()}}
    return frame | draw(st.dictionaries(FIELDS, ODD, max_size=2))


def _text(value: Any) -> str:
    # With lone surrogates escaped: on the wire text is UTF-8.
    return json.dumps(value)


def _build_nested(depth: int) -> str:
    return "[" * depth + "]" * depth


def _inside(depth: int) -> str:
    return '{"type":"start","id":"a","client_id":"x","assumptions":' + _build_nested(depth) + "}"


NUMBERS = ("1e999", "-1e999", "9" * 19, "9" * 20, "9" * 5_000, "1" + "0" * 400, "NaN", "-Infinity", "01", "1.", "+1")
WORDS = (r"\u0000", r"\ud800", r"\udfff\ud800", r"\ud83d\ude00", "\x7f", r"\u202e", r"\uffff", r"\x00")

FRAMES: st.SearchStrategy[str | bytes] = st.one_of(
    nearly().map(_text),
    nearly().map(_text),
    JSON.map(_text),
    st.dictionaries(FIELDS, JSON, max_size=4).map(_text),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    st.binary(max_size=200),
    st.sampled_from([10, 1_000, 60_000]).map(_build_nested),
    st.sampled_from([31, 32, 33, 900, 5_000, 60_000]).map(_inside),
    st.sampled_from(NUMBERS).map(lambda number: f'{{"type":"ack","epoch":"x","seq":{number}}}'),
    st.sampled_from(WORDS).map(lambda word: f'{{"type":"ping","id":"{word}"}}'),
    st.sampled_from(WORDS).map(lambda word: f'{{"type":"ping","id":"a","{word}":{{"{word}":1}}}}'),
    st.sampled_from([10, 100_000]).map(lambda depth: '{"type":' * depth),
    st.sampled_from(["NaN", "Infinity", "-0", '{"type":"ping","id":"a","id":"b"}', '{"type":"ack","seq":1e999}', ""]),
    st.integers(130_000, 132_000).map(lambda size: json.dumps({"type": "ping", "id": "x" * size})),
)
"""One frame, as text or binary."""

TOO_LARGE = "x" * (1024 * 1024 + 1)
