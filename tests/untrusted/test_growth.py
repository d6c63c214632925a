"""The cost of each parser of untrusted text grows with its input, not with its square; a bounded one refuses."""

import pytest

from tests.untrusted.growth import grows_linearly
from tests.untrusted.parser_row import Parser
from tests.untrusted.shapes import repeat
from tests.untrusted.table import PARSERS

pytestmark = [pytest.mark.slow, pytest.mark.long]

BOUNDED = [parser for parser in PARSERS if parser.refusal is not None]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_what_a_parser_costs_grows_with_its_input(parser: Parser) -> None:
    for name, text in {**parser.attacks, **parser.shapes}.items():
        assert not (told := grows_linearly(parser.run, text, parser.size)), f"{name}: {told}"


@pytest.mark.parametrize("parser", BOUNDED, ids=lambda parser: parser.name)
def test_what_is_longer_than_a_parser_takes_is_refused(parser: Parser) -> None:
    assert parser.most is not None
    assert parser.refusal is not None
    for text in (repeat("a"), *parser.attacks.values()):
        with pytest.raises(parser.refusal):
            parser.run(text(parser.most + 1))


def test_the_measure_tells_the_one_from_the_other() -> None:
    assert grows_linearly(lambda text: sum(1 for _ in text), repeat("a"), 100_000) == ""
    assert grows_linearly(lambda text: [text.count("b", at) for at in range(0, len(text), 4)], repeat("a"), 4_000)
