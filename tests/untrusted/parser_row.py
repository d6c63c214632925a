"""A row of the table of parsers of untrusted text."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.untrusted.shapes import ANY, Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Parser:
    """`run` parses a text. `modules` of ours do it, in the order in which they see it.

    `most`: characters of text that are parsed at all; `refusal` what is raised for a longer one, None where only a
    beginning is looked at. Without `most` it takes a text of any length that reaches it, in linear time.
    """

    name: str
    modules: tuple[str, ...]
    run: Callable[[str], object]
    attacks: Mapping[str, Shape] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=lambda: ANY)
    most: int | None = None
    refusal: type[Exception] | None = None
    size: int = 8_000
    """Characters of the smaller text that growth is measured with."""
