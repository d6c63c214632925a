"""Hostile text of any length."""

from collections.abc import Callable, Mapping

Shape = Callable[[int], str]


def repeat(unit: str, *, before: str = "", after: str = "") -> Shape:
    """`unit` again and again, `size` characters of it, between what comes before and after."""

    def text(size: int) -> str:
        return before + (unit * (size // len(unit) + 1))[:size] + after

    return text


def nest(opening: str, closing: str, inner: str = "") -> Shape:
    def text(size: int) -> str:
        deep = size // (len(opening) + len(closing)) + 1
        return opening * deep + inner + closing * deep

    return text


ANY: Mapping[str, Shape] = {
    f"{unit!r} repeated": repeat(unit)
    for unit in (
        *("a", "-", "a-", "_", " ", "\t", "\n", "\\", '"', "'", "`", "0", "1", "1.", "1,", ",", ";", ".", ":", "/"),
        *("=", "=;", "a=1;", "@", "://", "%", "[", "(", "{", "<", "*_", "|", "a b ", "é", "\u0301\u0323", "\U0001f600"),
    )
}
"""What any parser is tried with."""

MANY: Mapping[str, Shape] = {"many": repeat("abc")}
"""For what is made of the text's length alone."""
