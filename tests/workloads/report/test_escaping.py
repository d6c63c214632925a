import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloads.report.escaping import MAX_NAME_LENGTH, escape_name, escape_prose


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("gpt-4o", "`gpt-4o`"),
        ("<script>alert(1)</script>", "`\\u003cscript\\u003ealert(1)\\u003c/script\\u003e`"),
        ("\x1b[31mred", "`\\u001b\\u005b31mred`"),
        ("a\u202eb", "`a\\u202eb`"),
        ("a|b`c", "`a\\u007cb\\u0060c`"),
        ("![x](http://evil)", "`!\\u005bx\\u005d(http://evil)`"),
        ("line\r\nbreak", "`line\\u000d\\u000abreak`"),
        ("\U000e0041", "`\\U000e0041`"),
        ("\ud800", "`\\ud800`"),
        ("  ", "`(blank)`"),
        (None, "*not logged*"),
    ],
)
def test_it_shows_names_as_inert_code(given: str | None, shown: str) -> None:
    assert escape_name(given) == shown


def test_it_cuts_names_that_are_too_long() -> None:
    assert escape_name("x" * 500) == f"`{'x' * (MAX_NAME_LENGTH - 1)}…`"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("cost of 2 * 3_000 tokens", "cost of 2 \\u002a 3_000 tokens"),
        ("see http://evil and www.evil.com", "see http\\u003a//evil and www\\u002eevil.com"),
        ("mail me@evil.com", "mail me\\u0040evil.com"),
        ("_em_ ~~del~~ end_user", "\\u005fem\\u005f \\u007e\\u007edel\\u007e\\u007e end_user"),
        ("[x](y) <b>", "\\u005bx\\u005d(y) \\u003cb\\u003e"),
    ],
)
def test_it_shows_prose_as_plain_text(given: str, shown: str) -> None:
    assert escape_prose(given) == shown


@settings(deadline=None)
@given(st.text())
def test_nothing_that_acts_survives(text: str) -> None:
    for shown in (escape_name(text)[1:-1], escape_prose(text)):
        assert not re.search(r"[<>|`\[\]]|://", shown) or "://" in escape_name(text)
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)
