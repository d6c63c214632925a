from datetime import datetime
from decimal import Decimal

import pytest

from workloads.analysis.estimate import Bound
from workloads.report.formatting import (
    end_sentence,
    format_bounded_money,
    format_moment,
    format_money,
    format_price,
    format_span,
    format_value,
)


@pytest.mark.parametrize(
    ("usd", "shown"),
    [
        ("47.608895", "$47.61"),
        ("1234.5", "$1,234.50"),
        ("0.00421", "$0.0042"),
        ("0", "$0.00"),
        ("0.0000123", "$0.00001"),
        ("-2", "-$2.00"),
    ],
)
def test_it_shows_money_to_the_cent_and_small_sums_finer(usd: str, shown: str) -> None:
    assert format_money(Decimal(usd)) == shown


@pytest.mark.parametrize(
    ("usd", "shown"), [("2.500000", "$2.50"), ("10.000", "$10.00"), ("1E+1", "$10.00"), ("0.075", "$0.075")]
)
def test_it_shows_prices_with_the_places_they_have_and_two_at_least(usd: str, shown: str) -> None:
    assert format_price(Decimal(usd)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59.6, "1 min"), (3435.9, "57 min 16 s"), (90_061, "1 d 1 h"), (86_400, "1 d"), (7, "7 s")],
)
def test_it_shows_spans_in_two_units(seconds: float, shown: str) -> None:
    assert format_span(seconds) == shown


def test_it_shows_values_with_their_unit() -> None:
    assert format_value(1234567, "tokens") == "1,234,567 tokens"
    assert format_value(Decimal("3.5"), "USD") == format_value("3.5", "USD") == "$3.50"
    assert format_value(0.6512, "share") == "65.1 %"
    assert format_value(Decimal("0.278"), "reads") == "0.278 reads"
    assert format_value("chat, search", "") == "chat, search"
    assert (format_value(1, "requests"), format_value(1, "s")) == ("1 request", "1 s")


def test_it_shows_relative_times_as_such() -> None:
    at = datetime(1970, 1, 1, 0, 17, 2)  # noqa: DTZ001 - the table's clock is naive UTC
    assert format_moment(at, relative=True) == "+1,022.0 s"
    assert format_moment(at, relative=False) == "1970-01-01 00:17:02 UTC"


def test_it_says_whether_money_is_a_bound() -> None:
    assert [format_bounded_money(Decimal(2), bound) for bound in Bound] == ["$2.00", "up to $2.00", "at least $2.00"]


@pytest.mark.parametrize(("text", "ended"), [("nothing waits", "nothing waits."), ("Done.", "Done."), ("Why?", "Why?")])
def test_it_ends_a_sentence_once(text: str, ended: str) -> None:
    assert end_sentence(text) == ended
