import pytest

from workloads.models import clean_file_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("usage.csv", "usage.csv"),
        ("../../etc/passwd", "../../etc/passwd"),
        ("<b>x</b>.csv", "<b>x</b>.csv"),
        ("a\nb\r\t\x07\x1b[31m\x85\u2028.csv", "ab[31m.csv"),
        ("invoice\u202evsc.exe", "invoicevsc.exe"),
        ("\u2066\u200f\u061cx\u2069", "x"),
        ("דוח שימוש.csv", "דוח שימוש.csv"),
        ("nul\x00 half\ud800", "nul\ufffd half\ufffd"),
        ("", "log"),
        (" \n\u202e ", "log"),
    ],
)
def test_a_name_is_shown_without_what_hides_or_turns_text(name: str, expected: str) -> None:
    assert clean_file_name(name) == expected


def test_a_name_has_an_end() -> None:
    assert clean_file_name("x" * 1000) == "x" * 255
