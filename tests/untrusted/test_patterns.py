"""Every regular expression that our packages hold, with text made of its own words: none looks at a text again from
each of its places."""

import importlib
import re
from collections.abc import Iterator

import pytest

from tests.untrusted.growth import grows_linearly
from tests.untrusted.shapes import ANY, Shape, repeat
from tests.untrusted.survey import modules

pytestmark = [pytest.mark.slow, pytest.mark.long]

WORD = re.compile(r"[A-Za-z]{2,}")
SIZE = 1_500
MARKS = ("", " ", "-", "=", "\\", "1")


def patterns() -> Iterator[tuple[str, "re.Pattern[str]"]]:
    for path in modules():
        if not re.search(r"\bre\.compile\(", path.read_text(encoding="utf-8")):
            continue
        module = importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{path}: {name}", value


OURS = {
    "workloads/retention.py: FILE_NAME_PATTERN": (
        "it is matched against whole names of files in our own folder, of 255 bytes at most"
    ),
    "agents/answers/backing/quantities.py: _GLUE": "it looks at the 40 characters before a number",
    "agents/llm/partial_texts.py: _UNFINISHED": "it looks at the last 80 characters of a text",
}
FOUND = {name: pattern for name, pattern in patterns() if name not in OURS}


def attacks(pattern: "re.Pattern[str]") -> dict[str, Shape]:
    words = list(dict.fromkeys(WORD.findall(pattern.pattern)))[:8]
    own = {f"{word!r} and {mark!r}": repeat(word + mark) for word in words for mark in MARKS}
    begun = {f"{word!r} before {mark!r}": repeat(mark or word, before=word) for word in words for mark in MARKS}
    return {**ANY, **own, **begun}


def test_there_are_patterns_to_look_at() -> None:
    assert len(FOUND) > 15


@pytest.mark.parametrize("named", FOUND)
def test_a_pattern_looks_at_no_text_twice(named: str) -> None:
    pattern = FOUND[named]
    for name, text in attacks(pattern).items():
        assert not (told := grows_linearly(lambda text: pattern.sub("", text), text, SIZE)), f"{name}: {told}"
